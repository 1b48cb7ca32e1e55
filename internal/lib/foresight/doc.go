// Package foresight computes the analyses that a foresight workshop argues
// about: structural analysis (MICMAC), actors' strategies (MACTOR),
// cross-impact balances (CIB), cross-impact probabilities (SMIC-Prob-Expert),
// morphological analysis, multicriteria choice under policies (MULTIPOL),
// chains of impact (EXIT), statistics of a Delphi round, majority judgement and
// approval voting.
//
// # Words
//
// A matrix has rows that act on columns: cell (i, j) is what i does to j.
// A descriptor has variants; a scenario picks one variant of each descriptor.
// A note is a remark that goes with a result: which convention was used, what
// was unusual in the data, what could not be decided.
// A limit is a known weakness of a method, to be shown beside each result.
//
// # Promises
//
//   - Pure: no clock, no chance, no network, no file. The same input gives the
//     same answer, to the last bit.
//   - Where sources disagree one convention is the default, the others are
//     options, and the result says which one was used.
//   - What cannot be read is refused by row and column. What is read but unusual
//     is accepted with a note.
//   - What could not be finished says so: a search stopped by its work limit is
//     never presented as complete.
//   - Everything is bounded: bytes, depth, rows, columns, work.
//
// # Shape
//
// Each method has a function on typed values (MICMAC, MACTOR, CIB.Search, SMIC,
// Box.Analyse, MULTIPOL, EXIT, …), a reader of its file (the files that end in
// _input.go) and an outside, JSON and text, in _output.go. Command joins the
// three for the command line. Texts are in messages/, French and English.
//
// # Sources
//
// They are named at each function. General ones: M. Godet, Manuel de
// prospective stratégique (Dunod, 3rd ed. 2007); W. Weimer-Jehle, Cross-impact
// balances (Technological Forecasting and Social Change 73, 2006, 334-361).
package foresight
