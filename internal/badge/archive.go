package badge

import (
	"encoding/json"
	"fmt"
	"path"
	"strconv"

	"digiwork/internal/gate"
	"digiwork/internal/lib/credential"
	"digiwork/internal/lib/ijson"
)

// Archive says how held credentials travel: each as it was signed, with the contexts,
// the documents of issuers and the status lists that verify it when its issuer is gone.
type Archive struct{}

// Name is the room it answers for.
func (Archive) Name() string { return Room }

// archived are the words of a credential in an archive: where its forms lie, and the
// documents that were known with it.
type archived struct {
	Format     string   `json:"format"`
	Credential string   `json:"credential"`
	JWT        string   `json:"jwt,omitempty"`
	SDJWT      string   `json:"sd_jwt,omitempty"`
	Documents  []string `json:"documents"`
	Contexts   []string `json:"contexts"` // built in; beside it for whoever verifies with something else
}

// Pack writes a credential for an archive.
func (Archive) Pack(it gate.Item) (words any, files map[string]credential.Document, err error) {
	h, err := heldOf(it)
	if err != nil {
		return nil, nil, err
	}
	files = map[string]credential.Document{}
	put := func(name string, d credential.Document) string {
		name = path.Join("credentials", name)
		files[name] = d
		return name
	}
	name := "credential.json"
	if h.Format == credential.FormatJWT || h.Format == credential.FormatSDJWT {
		name = "credential.txt"
	}
	a := archived{Format: h.Format, Credential: put(name, credential.Document{Text: h.Text}), Documents: []string{}, Contexts: []string{}}
	if h.JWT != "" {
		a.JWT = put("credential-jwt.txt", credential.Document{Text: []byte(h.JWT)})
	}
	if h.SDJWT != "" {
		a.SDJWT = put("credential-sd-jwt.txt", credential.Document{Text: []byte(h.SDJWT)})
	}
	for i, d := range h.documents() {
		a.Documents = append(a.Documents, put("document-"+strconv.Itoa(i+1)+".json", d))
	}
	for i, address := range contextsOf(h) {
		doc, err := credential.PinnedContext(address)
		if err != nil {
			continue // one that is not built in was never needed to read it
		}
		text, err := ijson.Canonical(doc)
		if err != nil {
			return nil, nil, err
		}
		a.Contexts = append(a.Contexts, put("context-"+strconv.Itoa(i+1)+".json", credential.Document{Address: address, Text: text, Since: h.AddedAt}))
	}
	return a, files, nil
}

// contextsOf lists what a credential and its documents may need to be read.
func contextsOf(h Holding) []string {
	all := credential.Needs(h.Text)
	for _, d := range h.Docs {
		all = append(all, credential.Needs(d.Text)...)
	}
	seen := map[string]bool{}
	var once []string
	for _, address := range all {
		if !seen[address] {
			seen[address], once = true, append(once, address)
		}
	}
	return once
}

// Unpack makes a credential again from an archive.
func (Archive) Unpack(_ gate.Item, words json.RawMessage, files map[string]credential.Document) ([]byte, error) {
	var a archived
	if err := json.Unmarshal(words, &a); err != nil {
		return nil, fmt.Errorf("words of a credential: %w", err)
	}
	text := func(name string) ([]byte, error) {
		d, ok := files[name]
		if !ok {
			return nil, fmt.Errorf("the archive lacks %.200q", name)
		}
		return d.Text, nil
	}
	h := Holding{Format: a.Format}
	var err error
	if h.Text, err = text(a.Credential); err != nil {
		return nil, err
	}
	for name, to := range map[string]*string{a.JWT: &h.JWT, a.SDJWT: &h.SDJWT} {
		if name == "" {
			continue
		}
		raw, err := text(name)
		if err != nil {
			return nil, err
		}
		*to = string(raw)
	}
	for _, name := range a.Documents {
		d, ok := files[name]
		if !ok {
			return nil, fmt.Errorf("the archive lacks %.200q", name)
		}
		h.Docs = append(h.Docs, Source{d.Address, d.Text, d.Since})
	}
	return h.body()
}
