// Package credential verifies and issues verifiable credentials: Open Badges 2.0 and
// 3.0, Comprehensive Learner Record 2.0 and any credential of the W3C data model (VCDM)
// 2.0 or 1.1, as JSON with proofs, as a token, as a token shown in part, or baked into a
// picture.
//
// Nothing here reaches a network, a database or a file. What a verification needs beyond
// the credential (contexts that are not built in, documents of issuers, status lists)
// comes from a Library that the caller fills; what is not at hand is reported as not
// checked, never guessed. Times are arguments.
//
// Verify answers with a Report: eight checks, each true, false or not decided, each with
// a sentence that says what was found, why, and what to do. Issue signs. Sub-packages
// hold the parts: did, integrity, jose, statuslist, baking.
//
// Clauses named in comments: VCDM 2.0 (Verifiable Credentials Data Model 2.0), OB 3.0
// and OB 2.0 (Open Badges), CLR 2.0, CID (Controlled Identifiers 1.0).
package credential

// object is a JSON object.
type object = map[string]any
