// Package expedition is a community that looks into a subject: it maps what it
// watches, pushes trends into extreme scenarios, votes, draws tensions, names
// territories of innovation, writes tracks, tries them, and publishes a cahier.
//
// # Words
//
// An Expedition belongs to a circle or to a person. Everything it gathers is a Card
// of some Kind (axis, theme, reference, scenario, tension, territory, track, trial…),
// tied to other cards by Ties; which fields and ties a kind has stands in kind.go.
// A Book is a whole expedition in memory, as one reader may see it. A Part is what a
// sibling context (watch, workshop, analysis) keeps of it. To walk backwards is to
// follow the ties from a trial to the address of a signal.
//
// # Promises
//
//   - Expedition material is shared content, in clear under access rules; pages say
//     so where it is typed.
//   - Who may not read an expedition learns nothing of it, not even that it exists.
//   - What a partner's circle says in a seminar stays its own until it releases it.
//   - A ballot and its spent link have nothing in common: no time, no order, no
//     record that names both.
//   - A card is never lost by editing: each version is kept, and two people who edit
//     at once do not overwrite each other.
//   - The file of an expedition, imported, gives the same file again, byte for byte;
//     so does its cahier.
//
// # Others
//
// It asks Circles who belongs and who looks after a circle, and People for names.
// Parts answer it what they keep; it answers them May, Cards and Add.
package expedition
