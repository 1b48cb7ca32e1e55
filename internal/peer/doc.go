// Package peer is what peers say they saw: requests, recommendations, guests.
//
// # Words
//
// A person sends a Request about one activity and some competences to somebody who
// saw it. What comes back is a Word: a recommendation in the other's own words, with
// how she knows, when, and whether she saw it herself. Whoever answers without an
// account is a Guest: a person record without sign-in, with her own key and her own
// page behind a link. Not "reference", not "rating": see the glossary.
//
// # Promises
//
//   - A request shows the one activity it names, until it is answered or over.
//   - Saying no, or later, asks for no reason; who said no is not asked again by the
//     same person.
//   - A Word is signed by the key of who wrote it. She revokes it whenever she likes,
//     and the credential then verifies as revoked.
//   - A Word counts as recognised by peers when this program knows who wrote it: an
//     account, or an address that a code was mailed to and came back from. Otherwise
//     it is told by its subject, and says so.
//   - Weight is shown (who, how, when, first-hand, both ways) and never counted.
//   - The tables hold ids and times. What was asked and answered lies in the vaults
//     of the people it belongs to.
//
// # Others
//
// The gate lends and takes back. It asks Signer for keys and lists, People for names,
// Companions for who shares a circle, and hands letters to the post.
package peer
