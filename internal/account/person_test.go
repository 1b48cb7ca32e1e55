package account

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestHandlesThatReadAlikeAreOne(t *testing.T) {
	t.Parallel()
	for _, alike := range [][]string{
		{"Léa.Martin", "lea-martin", "LEA_MARTIN", " lea.martin ", "Le\u0301a.Martin"},
		{"œuvre", "oeuvre", "ŒUVRE"},
	} {
		for _, h := range alike {
			if got, want := foldHandle(h), foldHandle(alike[0]); got != want {
				t.Errorf("%q folds to %q, %q to %q", h, got, alike[0], want)
			}
		}
	}
	if foldHandle("lea.martin") == foldHandle("leamartin") {
		t.Error("a sign between words was lost")
	}
}

func TestHandlesAreTypedOnAnyKeyboard(t *testing.T) {
	t.Parallel()
	for _, ok := range []string{"a", "ada", "Élodie", "jean-pierre.2", "x_1", strings.Repeat("é", maxHandle)} {
		if got, err := cleanHandle(ok); err != nil || got != ok {
			t.Errorf("%q = %q, %v", ok, got, err)
		}
	}
	for _, bad := range []string{
		"", " ", "-a", "a-", "a..b", "a-.b", "a b", "a@b", "a/b", "пётр", "аda", "a\u200bb", "a\x00", "é\u202e", "٣",
		strings.Repeat("a", maxHandle+1), "\xff",
	} {
		if got, err := cleanHandle(bad); err == nil {
			t.Errorf("%q was taken as %q", bad, got)
		}
	}
}

// Folding is stable: what was folded once folds to itself, and letter case never
// makes two people of one.
func TestFoldingAHandleTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	letters := rapid.RuneFrom([]rune("aZéÉœŒßøŁđçÑñıİſＡ9._-ÿŸ"))
	rapid.Check(t, func(t *rapid.T) {
		h := rapid.StringOfN(letters, 1, 12, -1).Draw(t, "handle")
		clean, err := cleanHandle(h)
		if err != nil {
			return
		}
		once := foldHandle(clean)
		if twice := foldHandle(once); twice != once {
			t.Errorf("%q folds to %q, then to %q", clean, once, twice)
		}
		if _, err := cleanHandle(once); err != nil {
			t.Errorf("%q folds to %q, which is no handle", clean, once)
		}
		if low := foldHandle(strings.ToLower(clean)); low != once {
			t.Errorf("%q folds to %q, in small letters to %q", clean, once, low)
		}
	})
}

func TestNamesOfAllKindsAreTaken(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"  Ada   Lovelace ": "Ada Lovelace", "李小龙": "李小龙", "Ngũgĩ wa Thiong'o": "Ngũgĩ wa Thiong'o", "O’Neil": "O’Neil",
		"محمد": "محمد", "Zoé 🐝": "Zoé 🐝", "می\u200cخواهم": "می\u200cخواهم", "1er": "1er",
	} {
		if got, err := cleanName(in); err != nil || got != want {
			t.Errorf("%q = %q, %v", in, got, err)
		}
	}
	for in, want := range map[string]string{
		"": "account.name.missing", " \u00a0 ": "account.name.missing", "\u200b\u200b": "account.name.form", "---": "account.name.form",
		"Ada\u202eacal": "account.name.form", "A\x07da": "account.name.form", strings.Repeat("é", maxName+1): "account.name.long", "\xff\xfe": "account.name.form",
	} {
		if _, err := cleanName(in); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
}

func TestEveryRefusalOfAProfileIsToldAtOnce(t *testing.T) {
	t.Parallel()
	_, err := Profile{Handle: "a b", Name: "", Mail: "nulle part", Lang: "de", Zone: "Europe/Ys", Theme: "rose", Quiet: Quiet{From: 1440}}.checked()
	want := []string{"account.handle.form", "account.lang.form", "account.name.missing", "account.quiet.form", "account.theme.form", "account.zone.form", "mail.address"}
	if got := keysOfFaults(err); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, err := (Profile{Handle: "ada", Name: "Ada", Lang: "fr", Zone: "Indian/Reunion"}).checked(); err != nil {
		t.Error(err)
	}
}

func TestZonesThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	for _, z := range []string{"", "Local", "../etc/passwd", "Europe/Ys", strings.Repeat("x", 65)} {
		if got, err := cleanZone(z); err == nil {
			t.Errorf("%q was taken as %q", z, got)
		}
	}
	for _, z := range zones {
		if _, err := time.LoadLocation(z); err != nil {
			t.Errorf("%s is offered: %v", z, err)
		}
	}
	if got := zoneName("America/Argentina/Buenos_Aires"); got != "Buenos Aires (America/Argentina)" {
		t.Errorf("zoneName = %q", got)
	}
}

func TestAddressesAreLookedUpHoweverTyped(t *testing.T) {
	t.Parallel()
	for _, a := range []string{"Ada@Exemple.FR", " ada@exemple.fr ", "ADA@EXEMPLE.fr"} {
		if got := foldMail(a); got != "ada@exemple.fr" {
			t.Errorf("%q folds to %q", a, got)
		}
	}
	if foldMail("ada@été.fr") != foldMail("ADA@xn--t-9fab.fr") {
		t.Error("the two forms of a domain name differ")
	}
}

func TestDevicesAreTwoWords(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]Device{
		firefox: {"Firefox", "Linux"},
		"Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1": {"Safari", "iPhone"},
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0":           {"Edge", "Windows"},
		"Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 Chrome/130.0.0.0 Mobile Safari/537.36":     {"Samsung Internet", "Android"},
		"curl/8.5": {}, "": {},
	} {
		got := deviceOf(agent)
		if got != want {
			t.Errorf("%q is %v, want %v", agent, got, want)
		}
		if back := parseDevice(got.text()); back != got {
			t.Errorf("%v comes back as %v", got, back)
		}
	}
}

func FuzzCleanHandle(f *testing.F) {
	for _, s := range []string{"ada", "Léa.Martin", "a--b", "\xff", "œ", "A\u0301", "ſ.K"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clean, err := cleanHandle(s)
		if err != nil {
			return
		}
		if !utf8.ValidString(clean) || clean != strings.TrimSpace(clean) || strings.ContainsAny(clean, "@/ \x00") {
			t.Errorf("%q was taken as %q", s, clean)
		}
		if fold := foldHandle(clean); fold == "" || foldHandle(fold) != fold {
			t.Errorf("%q folds to %q", clean, fold)
		}
	})
}

func FuzzProfileForm(f *testing.F) {
	f.Add("name=Ada&handle=ada&quiet_on=1&quiet_from=19%3A00&quiet_to=08%3A00&quiet_days=0&quiet_days=6&language=fr&zone=Europe%2FParis")
	f.Add("quiet_from=25%3A00&quiet_days=9&quiet_days=-1")
	f.Fuzz(func(t *testing.T, raw string) {
		form, err := url.ParseQuery(raw)
		if err != nil {
			return
		}
		p, err := profileOf(form)
		if err != nil {
			return
		}
		if p.Quiet.check() != nil {
			t.Errorf("%q gave %+v", raw, p.Quiet)
		}
		clean, err := p.checked()
		if err != nil {
			return
		}
		if twice, err := clean.checked(); err != nil || twice != clean {
			t.Errorf("%+v, cleaned again, is %+v, %v", clean, twice, err)
		}
	})
}
