// Package french is the one analyser of the house: it turns text, French or
// English, into the terms that are searched, matched and suggested from.
//
// # Words
//
// A word is a run of letters and digits; its folded form is lower case without
// accents or ligatures; its term is the folded stem, the same for all forms of
// the word and for both genders of a trade: infirmier, infirmière and
// infirmier(ère) have one term. Stop words have none.
//
// # Promises
//
//   - Accents, case, ligatures and the way of typing an apostrophe never change
//     a term: "AMENAGEMENT" and "aménagement" are one.
//   - Offsets are bytes of the text as given, whatever its form of Unicode; bytes
//     that are not UTF-8 separate words.
//   - Nothing of a text outlives the call or the Analyser that was given it.
//
// # Sources
//
// Stems: Snowball, French and English (Porter 2), https://snowballstem.org, by
// the code generated for blevesearch/snowballstem, before and after which our
// own rules act (stem.go). Decompositions: Unicode NFKD.
package french
