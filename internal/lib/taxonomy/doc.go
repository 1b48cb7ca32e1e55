// Package taxonomy reads the official referentials of competences, trades and
// certifications, and keeps them on disk in a form that loads at once.
//
// # Words
//
// A Scheme is a referential: ESCO, ROME, RNCP with RS, Formacode, or the link
// between ESCO and ROME. A Book is one version of one scheme; it holds Concepts.
// A Shelf is the folder where the books of one program stand side by side.
//
// # Promises
//
//   - Files are recognised by their columns or tags, never by their names: an
//     archive, a folder, one CSV or its gzip are all the same. A name only tells
//     a version and a language.
//   - Reading is streamed and bounded (limits.go): a hostile archive is refused.
//   - Importing again adds to the book of that version and loses nothing of it;
//     another version is another book. A reference made to any of them stays
//     readable, and Resolve says what replaced it.
//   - A book is written whole or not at all, with a digest that is checked when
//     it is read.
//
// # Sources
//
// ESCO: "ESCO download package", European Commission, CSV form, v1.0 to v1.2.
// ROME 4.0: RefRomeCsv and RefRomeJson archives, France Travail. RNCP and RS:
// open-data export of France compétences, CSV and XML forms. Formacode: export
// of Centre Inffo. Crosswalks: the table form of the ESCO portal.
package taxonomy
