// Package intake reads the files a person brings: a résumé, an archive of a
// network, a spreadsheet, a calendar, an address book, badges, the file a work
// platform must hand back. It turns them into neutral entries and says, item by
// item, what it left out and why. It knows nothing of the house that calls it.
//
// # Words
//
// A file is Read into a Report. A Report holds Entries (what was understood),
// Skips (what was not taken, and why) and Warnings (what was taken, with a
// reserve). A Note is a sentence to say: a message key and what fills its holes;
// the sentences are in Messages, in French and in English.
//
// # Promises
//
//   - The format is seen in the content; a name or an extension decides nothing.
//   - What can be read is kept, even of a file that is cut short; what cannot be
//     read is named with its line or its path.
//   - Text is kept as typed. Only control characters, which no page can show, are
//     removed, and that is said.
//   - Reading the same bytes twice gives the same Keys.
//   - Nothing is written, fetched or executed; time, memory and counts are
//     bounded by limits.go, whatever comes in.
//   - In a file returned by a platform, what names a customer never reaches an
//     Entry, a Skip or a Warning.
package intake
