package intake

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func activity(title, organisation, start string) *Entry {
	e := &Entry{Kind: KindActivity, Type: TypeJob, Title: title, Organisation: organisation, Start: start}
	e.Key = KeyOf(e)
	return e
}

func TestTheSameJobFromTwoFilesIsAlike(t *testing.T) {
	for _, pair := range [][2]*Entry{
		{activity("Cheffe d'équipe", "Entrepôts Fictifs SA", "2019-03"), activity("CHEFFE D’ÉQUIPE", "Entrepôts fictifs", "2019-03-04")},
		{activity("Cheffe d'équipe logistique", "Entrepôts Fictifs", "2019"), activity("Cheffe d'équipe", "Entrepôts Fictifs", "2019-03")},
		{activity("Atelier", "", "2019-03-02"), activity("atelier", "Fablab", "2019-03")},
	} {
		if !Alike(pair[0], pair[1]) {
			t.Errorf("%+v and %+v are one job", pair[0], pair[1])
		}
	}
	for _, pair := range [][2]*Entry{
		{activity("Cariste", "Entrepôts Fictifs", "2019-03"), activity("Cariste", "Entrepôts Fictifs", "2021-03")},
		{activity("Cariste", "Entrepôts Fictifs", "2019"), activity("Cariste", "Marché Imaginaire", "2019")},
		{activity("Cariste", "Entrepôts Fictifs", "2019"), activity("Comptable", "Entrepôts Fictifs", "2019")},
		{activity("Atelier", "", "2019"), activity("Atelier", "", "2020")},
		{activity("Atelier", "", ""), activity("Atelier", "Fablab", "2020")},
	} {
		if Alike(pair[0], pair[1]) {
			t.Errorf("%+v and %+v are two jobs", pair[0], pair[1])
		}
	}
	contact := func(name, organisation string, emails ...string) *Entry {
		return &Entry{Kind: KindContact, Title: name, Organisation: organisation, Card: &Card{Emails: emails}}
	}
	if !Alike(contact("P. Fictif", "", "paul@exemple.invalid"), contact("Paul Fictif", "X", "PAUL@exemple.invalid")) {
		t.Error("one address is one person")
	}
	if Alike(contact("Paul Fictif", "X"), contact("Paul Fictif", "Y")) {
		t.Error("one name in two places may be two persons")
	}
}

func anyEntry(t *rapid.T, name string) *Entry {
	text := rapid.SampledFrom([]string{"", "Cariste", "cariste", "Cheffe d'équipe", "Cheffe d’équipe logistique", "SA", "Fictif SA", "李小龍", "!"})
	e := &Entry{
		Kind:         rapid.SampledFrom([]Kind{KindActivity, KindContact, KindDocument, KindSkill, KindPiece}).Draw(t, name+" kind"),
		Type:         rapid.SampledFrom([]string{TypeJob, TypeMission, TypeLearning}).Draw(t, name+" type"),
		Title:        text.Draw(t, name+" title"),
		Organisation: text.Draw(t, name+" organisation"),
		Start:        rapid.SampledFrom([]string{"", "2019", "2019-03", "2019-03-02", "2020"}).Draw(t, name+" start"),
		End:          rapid.SampledFrom([]string{"", "2021", "2021-05"}).Draw(t, name+" end"),
		Narrative:    text.Draw(t, name+" narrative"),
		Tags:         rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b"}), 0, 2).Draw(t, name+" tags"),
		Card:         &Card{Emails: rapid.SliceOfN(rapid.SampledFrom([]string{"a@x", "A@x", "b@x"}), 0, 2).Draw(t, name+" emails")},
		Piece:        &Piece{Raw: []byte(text.Draw(t, name+" raw"))},
	}
	e.Key = KeyOf(e)
	return e
}

func TestAlikeIsSymmetricAndReflexive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyEntry(t, "a"), anyEntry(t, "b")
		if Alike(a, b) != Alike(b, a) {
			t.Fatalf("%+v and %+v: one way only", a, b)
		}
		if !Alike(a, a) || a.Key == b.Key && !Alike(a, b) {
			t.Fatalf("%+v is like itself", a)
		}
	})
}

// Merging adds, never takes away, and a second time adds nothing.
func TestMergeOnlyFillsWhatIsMissing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := anyEntry(t, "a"), anyEntry(t, "b")
		once, grew := Merge(*a, *b)
		twice, again := Merge(once, *b)
		if again || KeyOf(&twice) != KeyOf(&once) {
			t.Fatalf("%+v grows again", once)
		}
		if !grew && contentOf(&once) != contentOf(a) {
			t.Fatal("changed without saying so")
		}
		if a.Narrative != "" && once.Narrative != a.Narrative || a.Organisation != "" && once.Organisation != a.Organisation ||
			!strings.HasPrefix(once.Start, a.Start) || !strings.HasPrefix(once.End, a.End) {
			t.Fatalf("%+v lost something of %+v", once, a)
		}
	})
}

func TestKeysForgetCaseAccentsAndWhatMayGrow(t *testing.T) {
	a := activity("Cheffe d’équipe", "Les Bleuets", "2019-03")
	b := activity("CHEFFE D'EQUIPE", "les bleuets", "2019-03")
	b.End, b.Narrative = "2021", "depuis"
	if KeyOf(a) != KeyOf(b) {
		t.Error("an ended job is the same job")
	}
	if KeyOf(a) == KeyOf(activity("Cheffe d’équipe", "Les Bleuets", "2020-03")) {
		t.Error("another start is another job")
	}
	if Fold("  Ægir ŒDIPE, l'aîné ! ") != "aegir oedipe l aine" || Fold("🌱") != "🌱" || Fold("李小龍") != "李小龍" {
		t.Errorf("%q %q %q", Fold("  Ægir ŒDIPE, l'aîné ! "), Fold("🌱"), Fold("李小龍"))
	}
}

func TestDifferentThingsOfOneKeyAreBothKept(t *testing.T) {
	r := read(t, "x", []byte("Activité;Début;Récit\nAtelier;2019;matin\nAtelier;2019;soir\nAtelier;2019;soir\n"))
	if len(r.Entries) != 2 || skipped(r, "intake.twice") != 1 || r.Entries[1].Key != r.Entries[0].Key+"#2" {
		t.Errorf("%+v, %v", r.Entries, r.Skipped)
	}
}
