// Package seal keeps what people write unreadable at rest.
//
// # Words
//
// An instance key is 32 random bytes in a file outside the database, with an id;
// the last of the file is active. A data key belongs to one owner and is stored
// wrapped by an instance key. The pepper is the data key of the instance itself,
// for what belongs to nobody's musette: mail addresses, queued mails.
//
// # Promises
//
//   - A sealed text opens only under the same key and the same additional data:
//     owner, item, room and version cannot be swapped.
//   - Its length tells no more than steps of 256 bytes.
//   - A missing or wrong key file is refused before anything is written.
//   - A destroyed data key leaves neither the database file nor its log.
//
// # How
//
// AES-256-GCM (NIST SP 800-38D) with random nonces of 96 bits; fewer than 2^32
// texts are ever sealed under one key. Whoever holds the instance key and both
// databases can read everything: the program says so.
package seal
