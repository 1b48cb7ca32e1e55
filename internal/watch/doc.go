// Package watch is the veille of an expedition: what a group finds and keeps.
//
// # Words
//
// A Signal is something found at an address; it is new, kept or set aside. A kept
// signal has a grade (weak signal, trend, break, controversy), an axis of the map,
// tags. A Feed brings signals by itself. Signals that say the same are folded under
// the first, the lead: every source is kept, and a fold that was wrong is taken
// apart for good. A Note is a passage of a signal's text with what was said of it. A
// Review gathers what was kept in some days.
//
// # Promises
//
//   - Who may read or watch is decided by the expedition, each time.
//   - Pages are asked for politely: only what changed, when the site allows, one at a
//     time for each host; never at an address inside.
//   - Text of a page is kept only where the page does not forbid it.
//   - A note finds its words again when the text changes, or says that it is lost.
//
// # Others
//
// It asks Expeditions who may what and for the axes, Jobs to fetch later, Mailbox
// where a person's letters go.
package watch
