// Package jobs does later what cannot be done inside a use case: what asks the
// network, what may fail and be tried again, what comes back every night.
//
// # Words
//
// A Job says which Work does it (its kind), the id of what it is about (its
// subject), whose it is and when. A schedule is a job that comes back. A job that
// failed too often is stuck: it waits for the operator.
//
// # Promises
//
//   - A job added in a transaction is done at least once if the transaction is
//     durable, and never otherwise. It may be done twice after a crash.
//   - Several processes share one table: a job is done by whoever claims it, under
//     a lease; when that process dies, another takes it once the lease is over.
//   - A subject is an id. Words are refused, so that none can be left behind here.
//   - Jobs of a person go with her, in the transaction that erases her.
package jobs
