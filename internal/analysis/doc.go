// Package analysis is where a group runs the methods of foresight on its own matrices.
//
// # Words
//
// A Study is what was entered for a method (a matrix of influences, positions of
// actors, cross-impacts…), with what the group makes of its result. The method itself
// is in lib/foresight; the result is computed each time it is read, so that it always
// belongs to what is shown beside it.
//
// # Promises
//
//   - A cell that cannot be read is named by its row and column, and what was typed
//     comes back.
//   - Beside each result stand the convention that was used and the known limits of
//     the method, in plain words.
//   - A computation is bounded in work and in time; one that was stopped says so.
//
// # Others
//
// It asks Expeditions who may what.
package analysis
