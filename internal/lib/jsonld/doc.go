// Package jsonld turns a JSON-LD 1.1 document into RDF quads, for signing.
//
// A signature over RDF covers what the quads say and nothing else. So nothing may be
// lost on the way: a property or type that no context defines, a relative reference, a
// number that RDF would round, an index that RDF cannot say, a keyword nobody knows are
// refused with the place and the reason. What JSON-LD itself calls "no value" (null and
// the empty list) says nothing and is passed over. The one loss that remains is the
// base direction of a text: RDF 1.1 has no place for it, and the data model of
// credentials wants it accepted (VCDM 2.0, 11.1); a proof over JSON (JCS) covers it.
//
// Contexts are never fetched here. The Loader given to a Processor answers with
// documents it has pinned, and an unknown address ends the work. What contexts mean is
// kept between documents, because most documents use the same few; what a document
// brings itself is not. Work, depth and output are bounded.
//
// Sources: JSON-LD 1.1 (JSON-LD) and JSON-LD 1.1 Processing Algorithms and API (API),
// W3C Recommendations of 16 July 2020.
package jsonld
