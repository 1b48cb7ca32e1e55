package musette

import (
	"encoding/json"

	"digiwork/internal/gate"
	"digiwork/internal/lib/credential"
)

// Room is how the items of another room travel in an archive: what each keeps
// beside its View becomes words that any program reads, and comes back from them.
// The View, the history and the file of an item (View.Blob) travel by themselves.
//
// A Room holds no state and asks no database: an archive is checked without any.
// The items of a room that nobody answers for travel with their bodies as they are.
type Room interface {
	// Name is the Item.Room it answers for.
	Name() string

	// Pack puts the body of an item into words, written as encoding/json writes
	// them, and files that lie beside musette.json, by name: "credentials/a.json".
	// A file with an address is what verifies a credential (a context, a DID
	// document, a status list) and is listed in credentials/sources.json.
	Pack(it gate.Item) (words any, files map[string]credential.Document, err error)

	// Unpack gives the body again, byte for byte, of the words and files of Pack.
	Unpack(it gate.Item, words json.RawMessage, files map[string]credential.Document) (body []byte, err error)
}
