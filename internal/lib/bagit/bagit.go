// Package bagit writes and reads BagIt bags (RFC 8493, version 1.0) that are one ZIP,
// with SHA-256 manifests. Both work file by file: a bag may be much larger than the
// memory at hand.
package bagit

import (
	"strings"
	"time"
)

// Names of the files that make a ZIP a bag (RFC 8493, 2.1 and 2.2).
const (
	declaration = "bagit.txt"
	infoFile    = "bag-info.txt"
	manifest    = "manifest-sha256.txt"
	tagManifest = "tagmanifest-sha256.txt"
	payload     = "data/"
)

// declared is the content of bagit.txt (RFC 8493, 2.1.1).
const declared = "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"

// Epoch is the date of every file of a bag written here: the same content gives the
// same bytes. ZIP knows no date before 1980.
var Epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// isDeclaration reports whether a file of a ZIP is the declaration of a bag: at the
// top, or in the one folder in which some programs wrap a bag.
func isDeclaration(name string) bool {
	return (name == declaration || strings.HasSuffix(name, "/"+declaration)) && strings.Count(name, "/") <= 1
}
