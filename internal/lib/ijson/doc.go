// Package ijson reads and writes JSON that will be signed.
//
// Decode accepts I-JSON (RFC 7493) only: no duplicate names, no broken UTF-8, no
// unpaired surrogates, no number that changes when it is read. What encoding/json
// would repair silently is refused here, because a repaired document is not the one
// somebody signed. Size, depth and count are bounded.
//
// Append writes the canonical form of RFC 8785 (JCS): the same bytes for the same
// data, whoever writes them.
//
// Values are those of encoding/json: nil, bool, float64, string, []any and
// map[string]any.
package ijson
