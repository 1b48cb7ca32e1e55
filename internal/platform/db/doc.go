// Package db opens the two supported engines and hides how they differ.
//
// # Promises
//
//   - One SQL text serves SQLite and PostgreSQL: $1, $2… in rising order, the shared subset.
//   - Write returns nil only when what it wrote survives a power cut.
//   - A use case that fails leaves nothing behind and does not harm its neighbours.
//   - A database written by a newer program is refused, untouched.
//
// # How
//
// SQLite has one writer: a goroutine that takes up to 256 waiting use cases,
// runs each in its own savepoint and commits them together, so that one fsync
// serves them all. PostgreSQL gets one transaction a use case. Reading never
// waits for writing on either.
package db
