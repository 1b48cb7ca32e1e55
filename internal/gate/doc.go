// Package gate is the portillon: the one door between what is personal and
// anybody else.
//
// # Words
//
// A musette belongs to its Owner and is kept in the vault as sealed Items; an
// Item has a View, which faces and other rooms may be shown, and a Body that
// only its room understands. A Pass says who reads, whose items, which part,
// until when. A Face is a choice of what to show; a Grant shows a face to a
// link, a person or a circle, for a purpose and until an end. The journal is
// what the owner reads of all that.
//
// # Promises
//
//   - Nothing of a musette is read or written without a Pass, and only this
//     package makes one: from the owner's own session, from a grant, or for the
//     operator's command line with a line in the journal.
//   - A Pass dies with its request. Its zero value panics.
//   - What somebody else reads is in the journal before the answer leaves.
//   - A grant that ended or was withdrawn shows nothing on any process: grants
//     are read from the database each time.
//   - What leaves by a grant carries ids made for that grant, and nothing that
//     depends on the rest of the musette.
//
// # Others
//
// It asks Sessions whose a credential is, Circles who belongs, People for names.
package gate
