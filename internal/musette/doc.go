// Package musette keeps a working life for the person who lives it: what she did
// and does, paid or not, with its evidence, tools and methods, and lets her look at
// it as she needs.
//
// # Words
//
// An Activity is something a person did or does; five things are enough: what, when,
// with whom, where, what for. A Piece is evidence of it: a file or the address of a
// page. An Entry is anything else she keeps, of some Shape: a method (a recipe that
// can be used again), a tool, a skill, a paper, a status, a workplace, a contact, a
// note. A Letter asks somebody for the data they hold about her. A Pack is a
// vocabulary: statuses and kinds of papers of a country or a trade, as data. Not
// "experience", not "asset", not "profile": see the glossary.
//
// # Promises
//
//   - Everything is kept through the gate, sealed; this package has no table.
//   - What changes or is restored keeps what it was: no version is lost but by
//     deleting the thing itself, and that asks first.
//   - Two windows that change one thing never overwrite each other: the second is
//     told, keeps its text and sees both.
//   - A note and a contact can never be shown to anybody (gate.View.Never).
//   - The original of a piece is kept byte for byte; its preview is drawn again
//     without metadata.
//   - No score, no rank, no percentage of a person; paid and unpaid look alike.
//   - Words that a person wrote are in no address and in no log.
//
// # Others
//
// It asks the gate for a pass on the actor's own musette, and QuietKeeper for her
// quiet hours. It tells nobody anything.
package musette
