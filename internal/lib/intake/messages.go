package intake

import (
	"embed"
	"encoding/json"
)

// Messages holds messages/fr.json and messages/en.json: the sentence of every key
// a Note, a LegalItem or a Fact of this package may have. All keys begin with
// "intake.".
//
//go:embed messages/fr.json messages/en.json
var Messages embed.FS

// say is the sentence of a key without holes, French when the language is unknown.
func say(lang, key string) string {
	if lang != "en" {
		lang = "fr"
	}
	raw, err := Messages.ReadFile("messages/" + lang + ".json")
	if err != nil {
		return ""
	}
	var m map[string]string
	if json.Unmarshal(raw, &m) != nil {
		return ""
	}
	return m[key]
}
