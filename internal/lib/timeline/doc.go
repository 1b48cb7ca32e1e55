// Package timeline draws stretches of time as an SVG picture, on the server,
// so that overlaps are seen without a script.
//
// # Words
//
// A Bar is a stretch of days with a label above it. A Window is the days that
// are shown. A lane is a row of the picture: bars of one lane never touch, nor
// do their labels, so what happened at the same time stands in different lanes.
// A Size is one of three widths: the page shows the one that fits, and words
// keep their size.
//
// # Promises
//
//   - Every bar that meets the window is drawn once, in the order of time.
//   - Two bars of one lane, labels included, are at least Gap apart.
//   - Nothing is drawn outside the width of the picture.
//   - Every text is escaped; nothing a person typed becomes markup.
//   - The work grows as the number of bars times the number of lanes.
//
// Lanes are filled first-fit in the order of starts, which takes the fewest lanes
// for intervals (Golumbic, Algorithmic Graph Theory and Perfect Graphs, 1980,
// chapter 8) and close to the fewest once labels stand beside their bars.
package timeline
