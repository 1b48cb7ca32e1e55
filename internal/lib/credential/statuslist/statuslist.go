// Package statuslist keeps the state of many credentials in one list of bits: Bitstring
// Status List 1.0, W3C Recommendation of 15 May 2025. Nobody can tell from a request for
// the list which credential it is about.
package statuslist

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"digiwork/internal/lib/multibase"
)

type object = map[string]any

var (
	// ErrList is a list that breaks the rules.
	ErrList = errors.New("not a status list")
	// ErrEntry is an entry of a credential that breaks the rules.
	ErrEntry = errors.New("not an entry of a status list")
	// ErrPurpose is a list kept for something else than the entry says.
	ErrPurpose = errors.New("status list for another purpose")
	// ErrRange is an index beyond the list.
	ErrRange = errors.New("index beyond the status list")
)

// Purposes of a list (Bitstring Status List 1.0, 2.1).
const (
	Revocation = "revocation"
	Suspension = "suspension"
	Message    = "message"
)

// MinEntries is the least length of a list: the holder of an entry hides among so many
// (6.1).
const MinEntries = 131_072

// maxBytes bounds a list when it is unpacked: 64 million entries.
const maxBytes = 8 << 20

// maxPacked bounds the text of a list.
const maxPacked = 1 << 20

// List is a list of bits, the first entry being the highest bit of the first byte.
type List struct{ bits []byte }

// New is a list of n entries, all unset; n is rounded up to a whole byte and to MinEntries.
func New(n int) *List {
	return &List{bits: make([]byte, (max(n, MinEntries)+7)/8)}
}

// Len is the number of bits.
func (l *List) Len() int { return len(l.bits) * 8 }

// Set sets or clears one bit.
func (l *List) Set(i int, on bool) error {
	if i < 0 || i >= l.Len() {
		return fmt.Errorf("%w: %d", ErrRange, i)
	}
	mask := byte(0x80) >> (i % 8)
	if on {
		l.bits[i/8] |= mask
	} else {
		l.bits[i/8] &^= mask
	}
	return nil
}

// Get reads the entry at an index, of size bits.
func (l *List) Get(index, size int) (int, error) {
	if index < 0 || size < 1 || size > 8 || index >= l.Len()/size {
		return 0, fmt.Errorf("%w: %d", ErrRange, index)
	}
	v := 0
	for i := index * size; i < (index+1)*size; i++ {
		v = v<<1 | int(l.bits[i/8]>>(7-i%8)&1)
	}
	return v, nil
}

// Encode packs the list (3.3).
func (l *List) Encode() (string, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return "", err
	}
	if _, err := z.Write(l.bits); err != nil {
		return "", err
	}
	if err := z.Close(); err != nil {
		return "", err
	}
	return multibase.EncodeURL(b.Bytes()), nil
}

// Decode unpacks a list (3.4). Lists shorter than MinEntries are refused, and so are
// those that unpack to more than we keep.
func Decode(text string) (*List, error) {
	if len(text) > maxPacked {
		return nil, fmt.Errorf("%w: too long", ErrList)
	}
	if text == "" || text[0] != 'u' {
		return nil, fmt.Errorf("%w: the alphabet", ErrList)
	}
	packed, err := multibase.Decode(text)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrList, err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("%w: not gzip", ErrList)
	}
	bits, err := io.ReadAll(io.LimitReader(z, maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%w: not gzip", ErrList)
	}
	if len(bits) > maxBytes || len(bits) < MinEntries/8 {
		return nil, fmt.Errorf("%w: %d bytes", ErrList, len(bits))
	}
	return &List{bits: bits}, nil
}

// Entry is what a credential says of its place in a list (2.1).
type Entry struct {
	Purpose    string
	Credential string // address of the list
	Index      int
	Size       int
	Messages   map[int]string
}

// ParseEntry reads a credentialStatus of type BitstringStatusListEntry.
func ParseEntry(m map[string]any) (Entry, error) {
	e := Entry{Size: 1, Messages: map[int]string{}}
	var ok bool
	if e.Purpose, ok = m["statusPurpose"].(string); !ok || e.Purpose == "" {
		return e, fmt.Errorf("%w: statusPurpose", ErrEntry)
	}
	if e.Credential, ok = m["statusListCredential"].(string); !ok || e.Credential == "" {
		return e, fmt.Errorf("%w: statusListCredential", ErrEntry)
	}
	if e.Index, ok = whole(m["statusListIndex"]); !ok {
		return e, fmt.Errorf("%w: statusListIndex", ErrEntry)
	}
	if v, has := m["statusSize"]; has {
		if e.Size, ok = whole(v); !ok || e.Size < 1 || e.Size > 8 {
			return e, fmt.Errorf("%w: statusSize", ErrEntry)
		}
	}
	list, _ := m["statusMessage"].([]any)
	for _, v := range list {
		o, _ := v.(object)
		hex, _ := o["status"].(string)
		text, _ := o["message"].(string)
		if n, err := strconv.ParseInt(hex, 0, 32); err == nil && len(e.Messages) < 256 {
			e.Messages[int(n)] = text
		}
	}
	return e, nil
}

// whole reads a number that is written as text, or as a number, as many do.
func whole(v any) (int, bool) {
	switch x := v.(type) {
	case float64:
		return int(x), x >= 0 && x == math.Trunc(x) && x < 1<<31
	case string:
		n, err := strconv.ParseUint(x, 10, 31)
		return int(n), err == nil
	}
	return 0, false
}

// Read reads the state of an entry in its list: 0 means that nothing is said. The list
// is the credential that was found at Entry.Credential; whether it is genuine is for the
// caller to ask (3.2).
func (e Entry) Read(list map[string]any) (int, error) {
	subject, ok := list["credentialSubject"].(object)
	if !ok || !has(list["type"], "BitstringStatusListCredential") || !has(subject["type"], "BitstringStatusList") {
		return 0, fmt.Errorf("%w: its type", ErrList)
	}
	if !has(subject["statusPurpose"], e.Purpose) {
		return 0, fmt.Errorf("%w: %s", ErrPurpose, e.Purpose)
	}
	text, ok := subject["encodedList"].(string)
	if !ok {
		return 0, fmt.Errorf("%w: encodedList", ErrList)
	}
	l, err := Decode(text)
	if err != nil {
		return 0, err
	}
	return l.Get(e.Index, e.Size)
}

func has(v any, s string) bool {
	if list, ok := v.([]any); ok {
		return slices.Contains(list, any(s))
	}
	return v == s
}

// Credential writes the credential that publishes a list, to be signed: its address, its
// issuer, its purpose, from when until when (2.2).
func Credential(address, issuer, purpose string, l *List, from, until string) (map[string]any, error) {
	text, err := l.Encode()
	if err != nil {
		return nil, fmt.Errorf("pack: %w", err)
	}
	c := object{
		"@context":  []any{"https://www.w3.org/ns/credentials/v2"},
		"id":        address,
		"type":      []any{"VerifiableCredential", "BitstringStatusListCredential"},
		"issuer":    issuer,
		"validFrom": from,
		"credentialSubject": object{
			"id": address + "#list", "type": "BitstringStatusList", "statusPurpose": purpose, "encodedList": text,
		},
	}
	if until != "" {
		c["validUntil"] = until
	}
	return c, nil
}

// NewEntry writes the credentialStatus of a credential.
func NewEntry(address, purpose string, index int) map[string]any {
	place := strconv.Itoa(index)
	return object{
		"id": address + "#" + place, "type": "BitstringStatusListEntry", "statusPurpose": purpose,
		"statusListIndex": place, "statusListCredential": address,
	}
}
