// Package portrait puts what a face shows into the forms people ask for: a CV as a
// page, as PDF, as JSON Resume, as Europass; a portfolio under an address of one's
// own; a visiting card with a code to scan.
//
// # Words
//
// A Portrait is a face, sorted as a CV reads. An Address is a name under which one
// grant of a face answers, as long as that grant is open.
//
// # Promises
//
//   - It is no second door: it shows what the gate's pass on a grant shows, line for
//     line, after the gate has written the visit into the journal; to the owner, what
//     the gate's preview of the face shows.
//   - Every output says where each line comes from: declared, recognised by peers,
//     guaranteed.
//   - An Address ends with its grant, and leads to nothing else of its owner.
//   - Paid and unpaid stand in the same list, in time order.
//
// # Others
//
// It asks the gate for faces, grants and passes. It tells nobody anything.
package portrait
