// Package instance is the house as seen from its doorstep, and the office of who
// keeps it.
//
// # Words
//
// The keeper is the person who runs the instance: an account with Admin. The public
// pages say what the instance is, where data live, what is promised and how each
// promise is tested. The office is the pages of the keeper.
//
// # Promises
//
//   - The public pages say what is, in the words of the architecture: whoever runs
//     the machine with the instance key can read everything.
//   - In the office people are counted, never read. Nothing there opens an account.
//   - Secrets are not shown: their settings say that they are set.
//   - Who is not a keeper learns nothing of the office.
//
// # Others
//
// Account counts people and decides who may make an account; backup makes copies
// and examines; the post tries to send; jobs say how they stand. All of them are
// asked through interfaces that app joins. This context has no table.
package instance
