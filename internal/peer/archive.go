package peer

import (
	"encoding/json"
	"fmt"

	"digiwork/internal/gate"
	"digiwork/internal/lib/credential"
)

// Archive is how requests and words travel in a person's archive: as words that any
// program reads, each recommendation beside it as it was signed, with its status list.
type Archive struct{}

// What lies beside musette.json for a word.
const (
	credentialFile = "credentials/recommendation.json"
	listFile       = "credentials/recommendation-status.json"
)

// Name is the room it answers for.
func (Archive) Name() string { return Room }

// Pack puts the body of an item into words and files.
func (Archive) Pack(it gate.Item) (words any, files map[string]credential.Document, err error) {
	switch {
	case isOf(it.ID, requestPrefix):
		words, err = decode[requestBody](it)
	case isOf(it.ID, writtenPrefix):
		words, err = decode[writtenBody](it)
	case isOf(it.ID, receivedPrefix):
		var b receivedBody
		b, err = decode[receivedBody](it)
		words, files = b, map[string]credential.Document{
			credentialFile: {Text: b.Credential}, listFile: {Address: b.ListURL, Text: b.List, Since: b.ListAt},
		}
	default:
		err = fmt.Errorf("item %s: nothing of this room begins so", it.ID)
	}
	return words, files, err
}

// Unpack makes the body again.
func (Archive) Unpack(it gate.Item, words json.RawMessage, files map[string]credential.Document) ([]byte, error) {
	switch {
	case isOf(it.ID, requestPrefix):
		return again[requestBody](words)
	case isOf(it.ID, writtenPrefix):
		return again[writtenBody](words)
	case isOf(it.ID, receivedPrefix):
		var b receivedBody
		if err := json.Unmarshal(words, &b); err != nil {
			return nil, fmt.Errorf("item %s: %w", it.ID, err)
		}
		list := files[listFile]
		b.Credential, b.List, b.ListAt, b.ListURL = files[credentialFile].Text, list.Text, list.Since, list.Address
		return encode(b)
	}
	return nil, fmt.Errorf("item %s: nothing of this room begins so", it.ID)
}

func again[T any](words json.RawMessage) ([]byte, error) {
	var b T
	if err := json.Unmarshal(words, &b); err != nil {
		return nil, err
	}
	return encode(b)
}
