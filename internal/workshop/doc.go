// Package workshop is the table where a group plays the actors of a scenario, on
// phones or on paper.
//
// # Words
//
// A Table has Roles, Stakes and a Script, and belongs to an expedition. Whoever joins
// by its code takes a Seat in a role. In silence each seat enters a position on each
// stake (-4 to +4), a pressure on each other role (0 to 4) and a sentence in the role;
// then everything is revealed, argued and revised. The Board is what everybody sees:
// where the table is, who has entered (counted), and after the reveal the matrices
// and what MACTOR makes of them. An Idea is a tension the table keeps; seats put dots
// on ideas.
//
// # Promises
//
//   - What is said in a role is never stored as a person's opinion. A seat is known
//     by a random key in one browser; a name stands beside it only where the table
//     allows names, which is fixed before the first entry, and its owner typed one.
//   - Until the reveal nobody sees what others entered, nor whoever leads.
//   - A seat is forgotten on request from its device, with all it entered, until the
//     table closes. At closing the digests of keys go: nothing can be traced any more.
//   - What was entered survives reloading, a lost connection and a closed phone.
//
// # Others
//
// It asks Expeditions who may what, and hands kept tensions to them. Live tells
// everybody that the board has changed.
package workshop
