package musette

import (
	"strings"
	"testing"
	"testing/fstest"
)

func TestThePacksOfTheProgramAreWhole(t *testing.T) {
	t.Parallel()
	all := Packs()
	if len(all) < 2 || all[0].ID != defaultPack {
		t.Fatalf("%d packs, the first is %q", len(all), all[0].ID)
	}
	for _, p := range all {
		if len(p.Statuses) < 10 || len(p.Documents) < 5 || len(p.Workplaces) < 5 {
			t.Errorf("%s: %d statuses, %d papers, %d workplaces", p.ID, len(p.Statuses), len(p.Documents), len(p.Workplaces))
		}
		for _, terms := range [][]Term{p.Statuses, p.Documents, p.Workplaces} {
			for _, w := range terms {
				if len(w.ID) > statusMost || strings.ContainsAny(w.FR, "·/()") {
					t.Errorf("%s: %q, %q", p.ID, w.ID, w.FR)
				}
			}
		}
	}
	agent := PackByID("fr-agent-public")
	if got := agent.term(vocStatuses, "fp_tenured", "fr"); got != "Titulaire en activité" {
		t.Errorf("her own word is %q", got)
	}
	if got := agent.term(vocStatuses, "volunteer", "en"); got != "Volunteer" {
		t.Errorf("the word of the base is %q", got)
	}
	if got := PackByID("").term(vocStatuses, "fp_tenured", "en"); got != "Tenured, in post" {
		t.Errorf("the word of another pack is %q", got)
	}
	if got := PackByID("mars").term(vocStatuses, "astronaute", "fr"); got != "astronaute" {
		t.Errorf("a word of hers is %q", got)
	}
}

func TestAPackNeedsNoCodeAndABadOneIsRefused(t *testing.T) {
	t.Parallel()
	pack := func(id, rest string) string {
		return `{"id":"` + id + `","name":{"fr":"n","en":"n"},"about":{"fr":"a","en":"a"}` + rest + `}`
	}
	read := func(files map[string]string) (map[string]*Pack, error) {
		fsys := fstest.MapFS{}
		for name, raw := range files {
			fsys["packs/"+name+".json"] = &fstest.MapFile{Data: []byte(raw)}
		}
		return readPacks(fsys)
	}
	all, err := read(map[string]string{
		"be":     pack("be", `,"statuses":[{"id":"a","fr":"Article 60","en":"Article 60"}],"kinds":{"job":{"fr":"Emploi","en":"Job"}}`),
		"be-art": pack("be-art", `,"base":"be","statuses":[{"id":"b","fr":"Artiste : aide","en":"Artist"}]`),
	})
	if err != nil || len(all["be-art"].Statuses) != 2 || all["be-art"].Statuses[0].FR != "Artiste\u00a0: aide" || len(all["be"].Statuses) != 1 {
		t.Errorf("two packs: %+v, %v", all["be-art"], err)
	}
	for name, files := range map[string]map[string]string{
		"a name that is not its file's": {"x": pack("y", "")},
		"a word in one language":        {"x": pack("x", `,"statuses":[{"id":"a","fr":"A"}]`)},
		"an id twice":                   {"x": pack("x", `,"statuses":[{"id":"a","fr":"A","en":"A"},{"id":"a","fr":"B","en":"B"}]`)},
		"a base that is not there":      {"x": pack("x", `,"base":"y"`)},
		"a base that has one":           {"x": pack("x", `,"base":"y"`), "y": pack("y", `,"base":"z"`), "z": pack("z", "")},
		"a kind that is none":           {"x": pack("x", `,"kinds":{"boss":{"fr":"a","en":"a"}}`)},
		"a member nobody knows":         {"x": pack("x", `,"color":"red"`)},
		"no JSON":                       {"x": `{`},
		"an empty label":                {"x": pack("x", `,"labels":{"status":{"fr":"","en":"a"}}`)},
	} {
		if _, err := read(files); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
