package musette

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"digiwork/internal/gate"
	"digiwork/internal/kernel"
	"digiwork/internal/platform/db"
	"digiwork/internal/testkit/house"
)

const passphrase = "trois boîtes à chaussures"

// signs gives a person a private key, as the room of keys keeps one.
func signs(t *testing.T, h *house.House, s *Service, person kernel.PersonID, private string) kernel.ItemID {
	t.Helper()
	it := gate.Item{
		ID: kernel.NewID[kernel.ItemID]("key", s.DB.Now()), Room: secretRoom,
		View: gate.View{Kind: "key", Title: "clé de signature", Never: true, Provenance: declared}, Body: []byte(private),
	}
	putOne(t, s, h.As(t, person), it)
	return it.ID
}

// putOne puts an item of any room into the vault.
func putOne(t testing.TB, s *Service, ctx context.Context, it gate.Item) {
	t.Helper()
	pass, err := s.Gate.Own(ctx)
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := s.Gate.Seal(ctx, pass, it)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.DB.Write(ctx, func(tx *db.Tx) error {
		_, err := s.Gate.Put(ctx, tx, sealed)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func withKeys(t *testing.T, h *house.House, s *Service, person kernel.PersonID, passphrase string) []byte {
	t.Helper()
	var out bytes.Buffer
	n, err := s.ExportWithKeys(h.As(t, person), &out, passphrase)
	if err != nil || n != 1 {
		t.Fatalf("%d keys: %v", n, err)
	}
	return out.Bytes()
}

func TestPrivateKeysLeaveSealedOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, h *house.House, s *Service) {
		const private = "private-key-of-ada"
		signs(t, h, s, "ada", private)
		add(t, s, h.As(t, "ada"), "Couturière", "2019")
		traces := []string{private, base64.StdEncoding.EncodeToString([]byte(private)), "clé de signature", secretRoom}
		without := exportOf(t, s, h.As(t, "ada"))
		sealed := withKeys(t, h, s, "ada", passphrase)
		for name, raw := range map[string][]byte{"without": without, "sealed": sealed} {
			for file, text := range filesIn(t, raw) {
				for _, trace := range traces {
					if strings.Contains(text, trace) {
						t.Errorf("%s: %q stands in %s", name, trace, file)
					}
				}
			}
		}
		if _, ok := filesIn(t, without)["data/"+keysPath]; ok {
			t.Error("keys leave without being asked for")
		}
		r := CheckArchive(t.Context(), bytes.NewReader(sealed), int64(len(sealed)), s.DB.Now(), nil)
		if !r.Valid || !r.Keys || r.Items != 1 {
			t.Errorf("check: %+v", r)
		}
		if _, err := s.ExportWithKeys(h.As(t, "ada"), &bytes.Buffer{}, "trop court"); !errors.Is(err, errPassphraseShort) {
			t.Errorf("a short passphrase is taken: %v", err)
		}
	})
}

func TestKeysComeBackByTheirPassphrase(t *testing.T) {
	each(t, func(t *testing.T, h *house.House, s *Service) {
		id := signs(t, h, s, "ada", "private")
		add(t, s, h.As(t, "ada"), "Couturière", "2019")
		raw := withKeys(t, h, s, "ada", passphrase)
		back := func(person kernel.PersonID) int {
			ctx := h.As(t, person)
			pass, err := s.Gate.Own(ctx)
			if err != nil {
				t.Fatal(err)
			}
			items, err := s.Gate.List(ctx, pass, secretRoom)
			if err != nil {
				t.Fatal(err)
			}
			if len(items) == 1 && (items[0].ID != id || string(items[0].Body) != "private" || !items[0].View.Never) {
				t.Errorf("another key came back: %+v", items[0])
			}
			return len(items)
		}
		// the same text, composed in another way: a keyboard decides that, not a person
		if got := importLocal(t, s, h.As(t, "bob"), raw, Unlock{Passphrase: "trois boi\u0302tes a\u0300 chaussures"}); got.Created["keys"] != 1 || back("bob") != 1 {
			t.Errorf("with the passphrase: %+v, %d keys", got, back("bob"))
		}
		got := importLocal(t, s, h.As(t, "eve"), raw, Unlock{Passphrase: "trois boîtes à chapeaux"})
		if !got.KeysShut || got.Created["activities"] != 1 || back("eve") != 0 || !warned(got, "musette.archive.keys_wrong") {
			t.Errorf("a wrong passphrase: %+v, %d keys", got, back("eve"))
		}
		if got = importLocal(t, s, h.As(t, "eve"), raw, Unlock{Passphrase: passphrase}); got.Created["keys"] != 1 || back("eve") != 1 {
			t.Errorf("the right one afterwards: %+v", got)
		}
		got = importLocal(t, s, h.As(t, "mallory"), raw, Unlock{Passphrase: "trois boîtes à chapeaux", OrNothing: true})
		if len(got.Created) > 0 || len(got.Skipped) != 1 || back("mallory") != 0 {
			t.Errorf("keys or nothing: %+v", got)
		}
		if got = importLocal(t, s, h.As(t, "mallory"), raw, Unlock{}); !warned(got, "musette.archive.keys_stay") || got.KeysShut || back("mallory") != 0 {
			t.Errorf("without a passphrase: %+v", got)
		}
	})
}

func warned(i Imported, key string) bool {
	for _, w := range i.Warnings {
		if w.What.Key == key {
			return true
		}
	}
	return false
}

// What somebody else wrote into keys.json neither opens nor takes more memory or time
// than ours.
func TestForgedKeysAreRefused(t *testing.T) {
	raw, err := sealKeys([]archiveItem{{ID: "key_a", Room: secretRoom, Version: 1}}, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if items, err := openKeys(raw, passphrase); err != nil || len(items) != 1 {
		t.Fatalf("the whole one: %v", err)
	}
	for name, change := range map[string]func(*sealedKeys){
		"another byte":    func(k *sealedKeys) { k.Sealed[0] ^= 1 },
		"another salt":    func(k *sealedKeys) { k.KDF.Salt[0] ^= 1 },
		"a gigabyte":      func(k *sealedKeys) { k.KDF.MemoryKiB = 1 << 20 },
		"a year":          func(k *sealedKeys) { k.KDF.Passes = 1 << 30 },
		"no lane":         func(k *sealedKeys) { k.KDF.Lanes = 0 },
		"no nonce":        func(k *sealedKeys) { k.Nonce = nil },
		"another cipher":  func(k *sealedKeys) { k.Cipher = "ROT13" },
		"another version": func(k *sealedKeys) { k.Version = 2 },
	} {
		var k sealedKeys
		if err := json.Unmarshal(raw, &k); err != nil {
			t.Fatal(err)
		}
		change(&k)
		forged, err := json.Marshal(k)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := openKeys(forged, passphrase); err == nil {
			t.Errorf("%s: it opens", name)
		}
	}
	other, err := sealKeys([]archiveItem{{ID: "act_a", Room: room, Version: 1}}, passphrase)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := openKeys(other, passphrase); err == nil {
		t.Error("an activity comes in among the keys")
	}
}
