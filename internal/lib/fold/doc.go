// Package fold finds the same text behind several addresses: what one article
// becomes when three feeds carry it.
//
// # Words
//
// The canonical form of an address is what remains without what does not change
// the page. A Print is a 64-bit fingerprint of a text: near texts have near
// prints. An Index holds entries and says of a new one which entry it repeats,
// and by what.
//
// # Promises
//
//   - Nothing is thrown away: an entry that repeats another is said to, with the
//     reason; whoever folds keeps every source.
//   - A pair that somebody took apart is never folded again.
//   - Short titles and short texts alone never fold: "Éditorial" is not a subject.
//
// # Sources
//
// SimHash: Charikar, Similarity estimation techniques from rounding algorithms,
// STOC 2002; distance of at most 3 bits among 64 and the tables that find it:
// Manku, Jain and Das Sarma, Detecting near-duplicates for web crawling, WWW 2007,
// section 3. Normal form of addresses: RFC 3986, section 6.2.
package fold
