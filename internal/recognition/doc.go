// Package recognition is the first half of Révéler: telling what one did, finding
// the competences in it, and seeing what carries each of them.
//
// # Words
//
// A Telling is a precise moment told in a few prompts, in the manner of the
// explicitation interview: what was done, in which order, with what, and how she
// knew that it was right. A Competence is something a person says she can do, in
// her words, with a level in her words and no score. It may have References to
// entries of a referential (ESCO, ROME, our starter list), and Carriers: the
// activities and pieces that it shows in. A Voice is what somebody else says of it:
// a recommendation of a peer, a credential of an organisation.
//
// # Promises
//
//   - Everything is kept through the gate, sealed; this package has no table.
//   - A telling can never be shown to anybody (gate.View.Never). What she makes of
//     it can, when she puts it on a face.
//   - Every suggestion says which words of the text, or which trade, led to it;
//     nothing is kept unless she chooses it.
//   - A reference stays readable when the referential changes, and says what
//     replaced it.
//   - No score, no rank, no percentage; voices are never summed up.
//
// # Others
//
// It reads activities and pieces (room musette), recommendations (room peer) and
// credentials (room badge) as views, by the owner's own pass. What an item of those
// rooms must say to count is in voice.go.
package recognition
