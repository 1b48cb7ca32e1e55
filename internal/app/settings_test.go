package app

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

const settingsHead = `# Settings

Made from the program by ` + "`UPDATE=1 go test ./internal/app -run Settings`" + `; do not edit it.

A setting is a flag, before or after the command, or a variable. The flag wins. A
variable that starts with DIGIWORK_ and is none of these stops the start, by name.
Secrets are read from files that settings name: no secret is ever a flag or a variable.
Durations are written 10s, 5m, 2h.
`

// docs/settings.md lists every setting, and is made from them.
func TestTheSettingsPageIsInStep(t *testing.T) {
	page := settingsHead
	page += settingsTable("Every command", Config{})
	page += settingsTable("serve", ServeConfig{})
	golden(t, "../../docs/settings.md", []byte(page))
}

func settingsTable(title string, config any) string {
	var b strings.Builder
	fmt.Fprintf(&b, "\n## %s\n\n| flag | variable | default | what it is for |\n|---|---|---|---|\n", title)
	for f := range reflect.TypeOf(config).Fields() {
		name := f.Tag.Get("name")
		if name == "" {
			name = kebab(f.Name)
		}
		variable, standard := "", ""
		if e := f.Tag.Get("env"); e != "" {
			variable = "`" + e + "`"
		}
		if d := f.Tag.Get("default"); d != "" {
			standard = "`" + d + "`"
		}
		flag := "--" + name
		if p := f.Tag.Get("placeholder"); p != "" {
			flag += " " + p
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", flag, variable, standard, f.Tag.Get("help"))
	}
	return b.String()
}

// Each setting has a line of help; each has a variable, but for what only a person
// at a terminal asks; no two share one, and a secret is a file.
func TestEverySettingIsDescribed(t *testing.T) {
	seen := map[string]string{}
	for _, config := range []any{Config{}, ServeConfig{}} {
		for f := range reflect.TypeOf(config).Fields() {
			help, env := f.Tag.Get("help"), f.Tag.Get("env")
			if !strings.HasSuffix(help, ".") {
				t.Errorf("%s: help is %q, want a sentence", f.Name, help)
			}
			if f.Name == "JSON" {
				continue
			}
			if !strings.HasPrefix(env, "DIGIWORK_") {
				t.Errorf("%s: variable %q", f.Name, env)
			}
			if seen[env] != "" {
				t.Errorf("%s and %s are both %s", f.Name, seen[env], env)
			}
			seen[env] = f.Name
			if secret := strings.Contains(f.Name, "Password") || strings.Contains(f.Name, "Secret"); secret && !strings.HasSuffix(f.Name, "File") {
				t.Errorf("%s is a secret and no file", f.Name)
			}
		}
	}
}
