package asset

import (
	"encoding/json"
	"fmt"
)

// Licence is what the authors of a package ask for in return.
type Licence struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Licence string `json:"licence"` // SPDX, or the authors' own words
	Text    string `json:"text"`    // the whole licence
}

// Licences lists the packages from npm whose files are in the program, by name.
func Licences() ([]Licence, error) {
	raw, err := vendored.ReadFile("vendor/licences/list.json")
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrIncomplete, err)
	}
	var list []Licence
	if err := json.Unmarshal(raw, &list); err != nil {
		return nil, fmt.Errorf("licences: %w", err)
	}
	for i, l := range list {
		text, err := vendored.ReadFile("vendor/" + l.Text)
		if err != nil {
			return nil, fmt.Errorf("licence of %s: %w", l.Name, err)
		}
		list[i].Text = string(text)
	}
	return list, nil
}
