// Package skills proposes competences and trades for what a person wrote, in
// French or in English, from the referentials on the shelf, on this machine.
//
// # Words
//
// A Concept is a competence or a trade of a referential. A side is what the
// engine knows in one language. A label is matched by its cover: how much of its
// meaning (the rarity of its words) the text holds. The graph is what trades
// need; the bridge is how trades of ROME and of ESCO correspond.
//
// # Promises
//
//   - Every suggestion says why: the words of the text, or the trade, that led to
//     it. Nothing is inferred about the person.
//   - The same books and the same text give the same suggestions, in the same
//     order.
//   - Headings and what a company says of itself suggest nothing.
//   - The text is read, never kept: an Engine does not change after it is made.
//
// # Method
//
// Titles: cosine of idf-weighted words against each single label, softened to
// words of one root and to typing errors, with the description and all labels
// together (BM25, Robertson and Zaragoza, "The Probabilistic Relevance
// Framework", 2009), the level of the trade and the bridge. Texts: for every
// sentence, cover and closeness of the words of each label (weights.go), then the
// competences that the recognised trade needs, re-ranked by the words of the text.
//
// What is learnt, is learnt from the imported files when the index is made: the
// bridge, from the labels and job titles of both referentials (a crosswalk, when
// one is imported, takes precedence); the lexicon, from the names a concept bears
// in two languages, which lends one language the names of the other. Our own
// starter list lends its everyday words to the competences it shares a name with.
//
// What is fitted, is fitted on labelled texts that are not part of the project
// (weights.go). No set of them was held out: every figure bench/skills prints was
// watched while the method was made.
package skills
