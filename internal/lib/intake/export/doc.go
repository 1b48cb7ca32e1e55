// Package export writes neutral entries for other programs: a JSON Resume, a table
// of activities, a calendar. It is the inverse of package intake, which reads each
// of the three back.
//
// # Promises
//
//   - What is written depends on the entries alone: no date of writing, no name of
//     a machine, the same bytes each time.
//   - The table comes back through intake.Read without any loss; no cell of it
//     starts a formula in a spreadsheet.
//   - The JSON Resume is valid against the schema of jsonresume.org, 1.3.
//   - The calendar follows RFC 5545: lines of at most 75 bytes, never cut inside a
//     character.
package export
