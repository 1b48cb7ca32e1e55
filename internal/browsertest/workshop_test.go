package browsertest

import (
	"strings"
	"testing"

	"digiwork/internal/testkit/browser"
)

const roles = "Infirmière : de nuit depuis dix ans : partir avant l'été\nDirection\nSyndicaliste\nPatient"

// A whole table: eight phones join by the code, enter in silence, see everything at
// once, revise, keep a tension. In French phones follow by themselves; in English no
// browser runs a script, and people reload.
func TestATableWithEightPhones(t *testing.T) {
	for _, lang := range []string{"fr", "en"} {
		t.Run(lang, func(t *testing.T) {
			h, say := open(t), in(t, lang)
			live := lang == "fr"
			options := []browser.Option{browser.Lang(lang)}
			if !live {
				options = append(options, browser.NoScript())
			}
			desk := browser.Open(t, options...)
			signUp(h, desk, say)
			desk.Go(h.base + "/expeditions")
			desk.Fill(say("expedition.name.label"), "Le travail du soin dans dix ans")
			desk.Choose(say("expedition.visibility.private"))
			desk.Press(say("expedition.new.do"))
			desk.Click(say("workshop.title"))
			desk.Accessible()
			desk.Fill(say("workshop.name.label"), "Des congés illimités")
			desk.Fill(say("workshop.roles.label"), roles)
			desk.Fill(say("workshop.stakes.label"), "Fixer ses horaires\nGarder un collectif")
			desk.Press(say("workshop.new.do"))
			desk.See(say("workshop.script.silent"))
			desk.Accessible()
			desk.Screenshot("desk-"+lang, 1440, 900, false)
			code := strings.Join(strings.Fields(desk.Text(".clock")), "")

			var phones []*browser.Tab
			for i := range 8 {
				p := browser.Open(t, append(options, browser.Phone())...)
				p.Go(h.base + "/tables/join")
				p.Fill(say("workshop.join.label"), strings.ToLower(code))
				p.Press(say("workshop.join.do"))
				p.Choose([]string{"Infirmière", "Direction", "Syndicaliste", "Patient"}[i%4])
				p.Press(say("workshop.sit.do"))
				p.See(say("workshop.seated"))
				phones = append(phones, p)
			}
			phones[0].See("partir avant l'été")
			phones[0].Accessible()

			step := func(key string) {
				desk.Go(desk.URL())
				desk.Press(say("workshop.move") + " , " + say("workshop.script."+key))
			}
			step("silent")
			for i, p := range phones {
				p.Go(p.URL())
				p.Choose("Fixer ses horaires", value(say, "workshop.position.", i%2*4))
				if i%4 != 1 {
					p.Choose("Direction", value(say, "workshop.pressure.", 2))
				}
				p.Fill(say("workshop.words.label"), "je compte mes heures, siège "+string(rune('A'+i)))
				p.Press(say("workshop.enter.do"))
				p.See(say("workshop.entered"))
			}
			phones[0].Accessible()
			if hidden := phones[1].HTML(); strings.Contains(hidden, "siège A") {
				t.Error("what another seat entered is seen before the reveal")
			}
			phones[2].Go(h.base + "/about") // it comes back later, without loss
			step("reveal")
			for i, p := range phones {
				if i == 2 || !live {
					p.Go(h.base + "/tables/" + tableIn(desk.URL()))
				}
				p.See("je compte mes heures, siège H")
			}
			phones[2].See(say("workshop.alliances.caption"))
			phones[2].Accessible()
			phones[2].Screenshot("phone-"+lang, 360, 800, false)

			step("revise")
			p := phones[1]
			p.Go(p.URL())
			p.Fill(say("workshop.idea.label"), "Choisir ses heures, garder l'équipe")
			p.Press(say("workshop.idea.do"))
			p.Choose("Choisir ses heures, garder l'équipe")
			p.Press(say("workshop.dots.do"))
			p.See(say("workshop.kept"))

			desk.Go(desk.URL())
			desk.See("Choisir ses heures, garder l'équipe")
			desk.Press(say("workshop.carry.do") + " , " + "Choisir ses heures, garder l'équipe")
			desk.See(say("workshop.carried"))
			desk.Screenshot("revealed-"+lang, 1440, 900, true)
			desk.Press(say("workshop.close"))
			desk.See(say("workshop.ended"))
			desk.Accessible()
			desk.OnlyFrom(h.base)
		})
	}
}

// value is a choice of a scale as it is written.
func value(say words, key string, n int) string {
	said := string(rune('0' + n))
	if n > 0 && key == "workshop.position." {
		said = "+" + said
	}
	return said + ", " + say(key+string(rune('0'+n)))
}

func tableIn(address string) string {
	parts := strings.Split(address, "/")
	return parts[len(parts)-1]
}
