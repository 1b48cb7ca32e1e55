package mail

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
)

func TestAddresses(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		" ada@Example.ORG ":              "ada@example.org",
		"élodie@exemple.fr":              "élodie@exemple.fr",
		"a+b.c@mail.example":             "a+b.c@mail.example",
		"ada@société.fr":                 "ada@xn--socit-esab.fr",
		"ada@localhost":                  "ada@localhost",
		strings.Repeat("a", 64) + "@b.c": strings.Repeat("a", 64) + "@b.c",
	} {
		if got, err := Address(typed); got != want || err != nil {
			t.Errorf("%q becomes %q, %v; want %q", typed, got, err, want)
		}
	}
	for _, typed := range []string{
		"", "ada", "ada@", "@b.c", "ada b@c.d", "Ada <ada@b.c>", "ada@b.c, bob@b.c", "ada@b.c\nBcc: x@y.z", "ada@b\x00.c",
		"ada@[127.0.0.1]", "ada@b..c", strings.Repeat("a", 250) + "@b.cd", "ada@b.c\xff", "\"a b\"@c.d", "ada@-b.c",
	} {
		got, err := Address(typed)
		if kernel.KindOf(err) != kernel.Invalid {
			t.Errorf("%q becomes %q, %v; want a refusal", typed, got, err)
		}
	}
}

func TestSettingsAreRefusedByName(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "p")
	empty := filepath.Join(t.TempDir(), "e")
	for name, text := range map[string]string{file: "p", empty: "\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		s    Settings
		want string
	}{
		{Settings{}, ""},
		{Settings{Host: "m.example", From: "a@b.c"}, ""},
		{Settings{Host: "m.example", From: "A <a@b.c>", User: "u", PasswordFile: file, TLS: Implicit, Port: 2465}, ""},
		{Settings{Host: "127.0.0.1", From: "a@b.c", User: "u", PasswordFile: file, TLS: Plain}, ""},
		{Settings{From: "a@b.c"}, "--mail-host"},
		{Settings{Host: "m.example"}, "--mail-from"},
		{Settings{Host: "m.example", From: "a@b.c", Port: 70000}, "--mail-port"},
		{Settings{Host: "m.example", From: "a@b.c", TLS: "maybe"}, "--mail-tls"},
		{Settings{Host: "m.example", From: "a@b.c", User: "u"}, "--mail-password-file"},
		{Settings{Host: "m.example", From: "a@b.c", PasswordFile: file}, "--mail-user"},
		{Settings{Host: "m.example", From: "a@b.c", User: "u", PasswordFile: empty}, "--mail-password-file"},
		{Settings{Host: "m.example", From: "a@b.c", User: "u", PasswordFile: file + "x"}, "--mail-password-file"},
		{Settings{Host: "m.example", From: "a@b.c", User: "u", PasswordFile: file, TLS: Plain}, "--mail-tls"},
	} {
		err := c.s.Validate()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v; want %q", c.s, err, c.want)
		}
	}
}

func TestMessagesMatch(t *testing.T) {
	t.Parallel()
	if err := new(i18n.Catalog).Add("mail", Messages); err != nil {
		t.Error(err)
	}
	var fr map[string]string
	raw, err := Messages.ReadFile("messages/fr.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &fr); err != nil {
		t.Fatal(err)
	}
	for stage, f := range explanations {
		if fr[f.Key] == "" {
			t.Errorf("stage %s has no sentence", stage)
		}
	}
}
