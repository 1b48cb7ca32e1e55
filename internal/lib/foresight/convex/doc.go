// Package convex holds the three small convex programs that cross-impact
// probabilities need, solved exactly enough to be printed: the point of a
// polytope nearest to a target, linear bounds over a polytope, and the
// distribution of greatest entropy in it.
//
// # Words
//
// A point is a column of numbers. Weights are non-negative and add up to one.
// A support says which weights may be positive.
//
// # Promises
//
//   - Sizes are those of a few hundred columns and a few dozen rows: everything
//     is dense, nothing is allocated per step that could be kept.
//   - The same input gives the same bits: no clock, no chance.
//   - What cannot be solved is an error, never a quiet approximation.
package convex
