package account

import (
	"testing"

	"digiwork/internal/kernel"
)

func TestAnAddressIsProvedByTheLinkSentThere(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.post.off = false
		h.add(t, "ada", false)
		session := h.in(t, "ada")
		ctx := h.as(t, session)
		refused(t, "nothing to prove", h.AskProof(ctx), errNoProof)
		me, err := h.Me(ctx)
		if err != nil {
			t.Fatal(err)
		}
		p := me.profile()
		p.Mail = "ada@exemple.fr"
		if me, err = h.SaveProfile(ctx, me.Version, p); err != nil || me.Mail != "ada@exemple.fr" || me.MailConfirmed {
			t.Fatalf("%+v, %v", me, err)
		}
		first := tokenOfURL(h.post.last(t).arg("link"))
		if err := h.AskProof(ctx); err != nil {
			t.Fatal(err)
		}
		second := tokenOfURL(h.post.last(t).arg("link"))
		refused(t, "the earlier letter", h.Confirm(t.Context(), first), errLinkOver)
		if err := h.ProofLink(t.Context(), second); err != nil {
			t.Error(err)
		}
		if err := h.Confirm(t.Context(), second); err != nil {
			t.Fatal(err)
		}
		if me, err = h.Me(ctx); !me.MailConfirmed || err != nil {
			t.Errorf("%+v, %v", me, err)
		}
		p.Name = "Ada L."
		if me, err = h.SaveProfile(ctx, me.Version, p); !me.MailConfirmed || err != nil {
			t.Errorf("another change asks for the proof again: %v", err)
		}
		p.Mail = "autre@exemple.fr"
		if me, err = h.SaveProfile(ctx, me.Version, p); me.MailConfirmed || err != nil {
			t.Errorf("another address is proved: %v", err)
		}
		waiting := tokenOfURL(h.post.last(t).arg("link"))
		p.Mail = "encore@exemple.fr"
		h.post.full = true
		if me, err = h.SaveProfile(ctx, me.Version, p); err != nil {
			t.Errorf("too many letters: the change is kept all the same: %v", err)
		}
		refused(t, "the letter to the address before", h.Confirm(t.Context(), waiting), errLinkOver)
		if err := h.AskProof(ctx); kernel.KindOf(err) != kernel.TooMany {
			t.Errorf("asked for: %v", err)
		}
		h.post.off = true
		refused(t, "without mail", h.AskProof(ctx), errMailAway)
	})
}

func TestTwoWindowsDoNotOverwriteEachOther(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		h.add(t, "ada", false)
		h.add(t, "bob", false)
		ctx := h.as(t, h.in(t, "ada"))
		me, err := h.Me(ctx)
		if err != nil {
			t.Fatal(err)
		}
		p := me.profile()
		p.Handle, p.Lang, p.Zone, p.Theme, p.Quiet = "ada.l", "en", "Indian/Reunion", "dark", Quiet{From: 1, To: 2, Days: 3}
		if _, err := h.SaveProfile(ctx, me.Version, p); err != nil {
			t.Fatal(err)
		}
		p.Name = "Perdue"
		_, err = h.SaveProfile(ctx, me.Version, p)
		refused(t, "from the version before", err, errStaleProfile)
		p.Handle = "Bob"
		_, err = h.SaveProfile(ctx, me.Version+1, p)
		refused(t, "somebody's handle", err, errHandleTaken)
		got, err := h.Me(ctx)
		if err != nil || got.Version != me.Version+1 || got.Name != "Nom de ada" || got.Handle != "ada.l" || got.Zone != "Indian/Reunion" || got.Quiet != (Quiet{From: 1, To: 2, Days: 3}) {
			t.Errorf("%+v, %v", got, err)
		}
		if err := h.KeepPreference(ctx, "fr", ""); err != nil {
			t.Fatal(err)
		}
		if err := h.KeepPreference(ctx, "", "system"); err != nil {
			t.Fatal(err)
		}
		if got, err = h.Me(ctx); got.Lang != "fr" || got.Theme != "" || err != nil {
			t.Errorf("preferences %+v, %v", got, err)
		}
		if err := h.KeepPreference(ctx, "de", ""); kernel.KindOf(err) != kernel.Invalid {
			t.Errorf("a language we do not speak: %v", err)
		}
		if err := h.KeepPreference(t.Context(), "en", "dark"); err != nil {
			t.Errorf("a visitor's choice is the browser's alone: %v", err)
		}
	})
}

func TestQuietHoursAreHersAndOnFromTheFirstDay(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		id := h.add(t, "ada", false)
		night := in(t, "Europe/Paris", "2026-11-23 22:00")
		end, ok, err := h.QuietUntil(t.Context(), id, night.UTC())
		if want := in(t, "Europe/Paris", "2026-11-24 08:00"); !ok || !end.Equal(want) || err != nil {
			t.Errorf("until %s, %v, %v", end, ok, err)
		}
		if _, ok, err := h.QuietUntil(t.Context(), "per_nobody", night); ok || err != nil {
			t.Errorf("somebody who left: %v, %v", ok, err)
		}
	})
}

func TestNamesOfWhoLeftAreEmpty(t *testing.T) {
	each(t, func(t *testing.T, h *home) {
		ids := []kernel.PersonID{h.add(t, "ada", false), "per_left", h.add(t, "bob", false)}
		names, err := h.Names(t.Context(), ids)
		if err != nil || len(names) != 3 || names[ids[0]] != "Nom de ada" || names["per_left"] != "" || names[ids[2]] != "Nom de bob" {
			t.Errorf("%v, %v", names, err)
		}
		if names, err := h.Names(t.Context(), nil); len(names) != 0 || err != nil {
			t.Errorf("%v, %v", names, err)
		}
	})
}
