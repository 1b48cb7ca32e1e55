// Package baking puts a credential into a picture and takes it out again: PNG and SVG,
// Open Badges 3.0, 5.3 (and, to take out, Open Badges 2.0).
//
// Files come from strangers. Sizes are bounded before anything is unpacked, entities of
// SVG are not expanded, and a picture with two credentials is refused: two readers would
// not agree on which one it holds.
package baking

import (
	"bytes"
	"errors"
	"strings"
)

var (
	// ErrPicture is a file that is neither PNG nor SVG, or a broken one.
	ErrPicture = errors.New("not a PNG or SVG picture")
	// ErrEmpty is a picture without credential.
	ErrEmpty = errors.New("no credential in the picture")
	// ErrTwo is a picture with more than one credential.
	ErrTwo = errors.New("more than one credential in the picture")
	// ErrLimit is a picture or credential beyond the limits.
	ErrLimit = errors.New("picture beyond the limits")
)

const (
	maxPicture    = 20 << 20
	maxSVG        = 5 << 20
	maxCredential = 4 << 20
)

// IsPicture says whether data starts like a PNG or an SVG.
func IsPicture(data []byte) bool { return isPNG(data) || isSVG(data) }

func isPNG(data []byte) bool { return bytes.HasPrefix(data, pngHead) }

func isSVG(data []byte) bool {
	head := data[:min(len(data), 1024)]
	head = bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	return bytes.HasPrefix(head, []byte("<?xml")) || bytes.HasPrefix(head, []byte("<svg")) ||
		bytes.HasPrefix(head, []byte("<!--")) || bytes.HasPrefix(head, []byte("<!DOCTYPE svg"))
}

// Unbake takes the credential out of a picture: JSON or a token. Of an Open Badge 2.0
// it may be an address only.
func Unbake(picture []byte) (string, error) {
	if len(picture) > maxPicture {
		return "", ErrLimit
	}
	var found []string
	var err error
	switch {
	case isPNG(picture):
		found, err = unbakePNG(picture)
	case isSVG(picture):
		found, err = unbakeSVG(picture)
	default:
		return "", ErrPicture
	}
	if err != nil {
		return "", err
	}
	switch len(found) {
	case 0:
		return "", ErrEmpty
	case 1:
		return strings.TrimSpace(found[0]), nil
	}
	return "", ErrTwo
}

// Bake puts a credential (JSON or a token) into a picture, in the place of the one it
// may hold.
func Bake(picture []byte, credential string) ([]byte, error) {
	if len(picture) > maxPicture || len(credential) > maxCredential {
		return nil, ErrLimit
	}
	switch {
	case isPNG(picture):
		return bakePNG(picture, credential)
	case isSVG(picture):
		return bakeSVG(picture, credential)
	}
	return nil, ErrPicture
}
