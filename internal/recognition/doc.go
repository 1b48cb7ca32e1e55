// Package recognition is Révéler: telling what one did, and finding the competences in it.
package recognition
