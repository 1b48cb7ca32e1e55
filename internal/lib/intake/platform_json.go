package intake

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// platformJSON reads what a platform returned as JSON: members are labels, lists
// of objects are jobs or ratings. Members whose names speak of customers are
// counted and left out, with all they hold.
func (s *sink) platformJSON(root node) error {
	p := s.platformFile(s.on(root))
	s.platformNode(p, root, "")
	return s.ctx.Err()
}

func (s *sink) platformNode(p *platform, n node, above string) {
	switch v := n.v.(type) {
	case map[string]any:
		for _, k := range slices.Sorted(maps.Keys(v)) {
			member := n.at(k)
			label := memberLabel(above, k)
			switch {
			case isWorker(k):
				s.workerNode(p, member)
			case platformColumnOf(k) == markCustomer && legalFact(k) == "":
				s.rep.Stripped += leaves(member)
			case isListOfObjects(member):
				s.jobList(p, member, k)
			case member.isObject() && platformName.MatchString(fold(spaced(k))):
				p.name = cmp.Or(p.name, s.scrub(member.any("name", "nom", "raison_sociale", "raisonSociale").text(), nil))
			case member.isObject():
				s.platformNode(p, member, k)
			default:
				value := strings.Join(member.texts(), ", ")
				if !s.platformPair(p, label, value, s.on(member)) && value != "" {
					s.unusedMember(k, member)
				}
			}
		}
	case []any:
		for _, e := range n.each() {
			s.platformNode(p, e, above)
		}
	}
}

// unusedMember says that a member is not read; a unit or a currency needs no
// sentence, nor the words of a customer, which are counted.
func (s *sink) unusedMember(name string, n node) {
	switch f := fold(spaced(name)); {
	case unitWord.MatchString(f):
	case platformColumnOf(name) == markComment:
		s.rep.Stripped++
	default:
		s.warn(s.on(n), "intake.platform.columns_unused", "columns", quote(name))
	}
}

var unitWord = regexp.MustCompile(`\b(devise|currency|unites?|units?)\b`)

// isWorker reports whether a member is about the person herself.
func isWorker(name string) bool {
	switch fold(spaced(name)) {
	case "travailleur", "travailleuse", "worker", "livreur", "chauffeur", "driver", "courier", "partenaire", "partner", "profil", "profile", "vous", "you":
		return true
	}
	return false
}

// workerNode reads the registration among what the file says of the person.
func (s *sink) workerNode(p *platform, n node) {
	m, ok := n.v.(map[string]any)
	if !ok {
		return
	}
	for _, k := range slices.Sorted(maps.Keys(m)) {
		member := n.at(k)
		if member.isObject() {
			s.workerNode(p, member)
		} else if fact := legalFact(k); fact == factRegistration || fact == factContractDate {
			s.platformPair(p, k, strings.Join(member.texts(), ", "), s.on(member))
		}
	}
}

func isListOfObjects(n node) bool {
	list, ok := n.v.([]any)
	if !ok || len(list) == 0 {
		return false
	}
	_, ok = list[0].(map[string]any)
	return ok
}

// jobList reads a list of jobs or ratings.
func (s *sink) jobList(p *platform, list node, name string) {
	ratings := legalFact(name) == factRatingCount
	said := map[string]bool{}
	for _, n := range list.each() {
		m, ok := n.v.(map[string]any)
		if !ok {
			s.skip(s.on(n), "intake.wrong_shape")
			continue
		}
		var columns []platformColumn
		var cells []string
		for _, k := range slices.Sorted(maps.Keys(m)) {
			member := n.at(k)
			is := platformColumnOf(k)
			if ratings && (fold(k) == "valeur" || fold(k) == "value" || fold(k) == "score") {
				is = factRatingCount
			}
			if is == "" {
				is = jobMember(name, k)
			}
			switch {
			case is == markCustomer && (member.isObject() || member.isList()):
				s.rep.Stripped += leaves(member)
				cells = append(cells, "")
			case member.isObject() || member.isList():
				is = ""
				cells = append(cells, "")
			default:
				cells = append(cells, strings.TrimSpace(member.text()))
			}
			if is == "" && !said[k] && len(said) < 20 && columnFor(k) != colIgnored {
				said[k] = true
				s.warn(s.on(member), "intake.platform.columns_unused", "columns", quote(k))
			}
			columns = append(columns, platformColumn{is, k})
		}
		s.platformJob(p, columns, cells, s.on(n))
	}
}

// jobMember looks a member up together with the name of its list.
func jobMember(list, name string) string {
	if f := legalFact(list + " " + name); f != "" && f != legalFact(list) && f != factServices {
		return f
	}
	return ""
}

// leaves counts the texts in a value.
func leaves(n node) int {
	switch v := n.v.(type) {
	case nil:
		return 0
	case map[string]any:
		t := 0
		for _, e := range v {
			t += leaves(node{v: e})
		}
		return t
	case []any:
		t := 0
		for _, e := range v {
			t += leaves(node{v: e})
		}
		return t
	}
	if n.there() {
		return 1
	}
	return 0
}
