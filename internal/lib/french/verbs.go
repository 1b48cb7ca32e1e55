package french

import (
	"strings"
	"sync"
)

// Verbs whose forms Snowball leaves apart. People tell what they did: tenu must
// be found with tenir, kept with keep. Nouns of the same letters come along
// (tenue, conduite, entretien), which suits a text about work.

// frenchParts are the ends of verb forms by what comes before them: every form
// made of one of the beginnings, the root, and one of the ends is read as
// beginning and reading.
var frenchParts = []struct{ beginnings, roots, ends, reading string }{
	{"- main sou entre re ob con de appar abs", "t", "enir enu enue enus enues iens ient iennent enais enait enaient enant enons enez ien", "teni"},
	{"- re de inter par pre sur con sou pro", "v", "enir enu enue enus enues iens ient iennent enais enait enaient enant enons enez", "veni"},
	{"con pro tra re intro de in se", "dui", "re t te ts tes s sent sant sais sait saient sons sez", "dui"},
	{"cons des ins recons", "trui", "re t te ts tes s sent sant sais sait saient sons sez", "trui"},
	{"e in de sous trans pres re", "cri", "re t te ts tes s vent vant vais vait vaient vons vez", "cri"},
	{"- ap com re sur entre", "pr", "endre is ises ends end enais enait enaient enant enons enez ennent", "prend"},
	{"- re trans ad sou pro", "m", "ettre is ises ets et ettais ettait ettaient ettant ettons ettez ettent", "met"},
	{"re con per aper de", "c", "evoir u ue us ues ois oit oivent evais evait evaient evant evons evez", "cev"},
	{"- c dec rec r entr", "ouv", "rir ert erte erts ertes re res rent rais rait raient rant rons rez", "ouvr"},
	{"off souff", "", "rir ert erte erts ertes re res rent rais rait raient rant rons rez", "r"},
	{"res", "o", "udre lu lue lus lues ut lvent lvant lvais lvait", "oud"},
	{"- dec re", "cou", "dre su sue sus sues d sent sant sais sait", "coud"},
	{"pe repe te att", "in", "dre t te ts tes", "ind"},
	{"acqu conqu", "", "erir is ise ises iers iert ierent erant erais erait", "er"},
}

// Ends of regular verbs in -re, whose infinitive and participle Snowball leaves.
var frenchEnds = []rewrite{
	{"endres", "end", 1}, {"endre", "end", 1}, {"endus", "end", 1}, {"endues", "end", 1}, {"endue", "end", 1}, {"endu", "end", 1},
	{"ondres", "ond", 1}, {"ondre", "ond", 1}, {"ondus", "ond", 1}, {"ondues", "ond", 1}, {"ondue", "ond", 1}, {"ondu", "ond", 1},
	{"erdre", "erd", 1}, {"erdus", "erd", 1}, {"erdue", "erd", 1}, {"erdu", "erd", 1},
	{"uivre", "uiv", 1},
}

// Irregular English verbs, form after form, read as the first.
const englishVerbs = `keep kept; teach taught; build built; sell sold; run ran; lead led; write wrote written; drive drove driven;
	make made; send sent; hold held; meet met; buy bought; bring brought; speak spoke spoken; take took taken; give gave given;
	grow grew grown; sew sewn sewed; deal dealt; find found; win won; feed fed; learn learnt; draw drew drawn; sing sang sung;
	swim swam swum; ride rode ridden; wear wore worn; choose chose chosen; begin began begun; know knew known; show shown;
	think thought; fight fought; seek sought; catch caught; tell told; pay paid; lay laid; say said; leave left; lend lent;
	spend spent; lose lost; shoot shot; sit sat; stand stood; understand understood; undertake undertook undertaken; weave wove woven;
	fly flew flown; forgive forgave; freeze froze frozen; oversee oversaw overseen; withdraw withdrew withdrawn; maintain maintained`

// irregular is, by language, the reading of each form, and for each reading the
// letters that all its forms begin with.
type irregular struct{ reading, head map[string]string }

var irregulars = sync.OnceValue(func() map[string]irregular {
	fr := irregular{map[string]string{}, map[string]string{}}
	for _, v := range frenchParts {
		for b := range strings.FieldsSeq(v.beginnings) {
			b = strings.TrimPrefix(b, "-")
			for e := range strings.FieldsSeq(v.ends) {
				fr.reading[b+v.roots+e] = b + v.reading
			}
		}
	}
	en := irregular{map[string]string{}, map[string]string{}}
	for verb := range strings.SplitSeq(englishVerbs, ";") {
		forms := strings.Fields(verb)
		for _, f := range forms[1:] {
			en.reading[f] = forms[0]
		}
	}
	return map[string]irregular{French: fr, English: en}
})

// heads gives for each term that irregular forms have, what they and the term
// all begin with.
var heads = sync.OnceValue(func() map[string]map[string]string {
	all := map[string]map[string]string{}
	for lang, v := range irregulars() {
		all[lang] = map[string]string{}
		var s stemmer
		for form := range v.reading {
			term := s.stem(form, lang)
			head, ok := all[lang][term]
			if !ok {
				head = term[:max(1, len(term)-stemSlack)]
			}
			n := 0
			for n < len(head) && n < len(form) && head[n] == form[n] {
				n++
			}
			all[lang][term] = head[:n]
		}
	}
	return all
})

// headOf is what every word of a term begins with.
func headOf(term, lang string) string {
	if h, ok := heads()[lang][term]; ok {
		return h
	}
	return term[:max(1, len(term)-stemSlack)]
}
