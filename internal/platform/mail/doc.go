// Package mail lets letters leave over SMTP.
//
// # Words
//
// A Letter has an address, a subject and plain text. It is sealed by the instance
// key, put into the queue by the use case that writes it, and deleted once the
// server has taken it. The Post is where letters are handed in.
//
// # Promises
//
//   - A letter put in a transaction leaves if the transaction holds: twice after a
//     crash, never zero times while the server can be reached within three days.
//     Both times it has the same Message-ID.
//   - Address and words are sealed while they wait and are in no log line: the log
//     has ids and the codes of the server.
//   - Nobody is flooded: letters are counted by address, by who asked and in all.
//   - No picture, no tracked link, no name of this machine in a header.
//   - Without a server configured nothing is queued: callers ask Configured and show the
//     link to copy instead.
//
// Quiet hours are the caller's to respect: it says NotBefore.
package mail
