// Package signing keeps the keys that sign: of people, of circles, of the instance;
// and the status lists that say what became of what they signed.
//
// # Words
//
// A Signer is a person, a circle or the instance; its Issuer is the identifier and
// the key it signs with now. An identifier is did:web where the instance is reached
// over https by a name, and did:key otherwise; a person's is always did:key, so that
// what she signed verifies wherever she goes. A list holds one bit for each of many
// credentials; a place in it is named in the credential.
//
// # Promises
//
//   - A person's private key is an item of her vault that may never be shown. Keys of
//     circles and of the instance are sealed by the instance key.
//   - A replaced key is kept: what it signed verifies, and its lists may still change.
//   - Before a person's key is destroyed her lists are signed a last time; they are
//     served on. Keys of a circle belong to the circle.
//   - The place a credential has in its list tells nothing about when it was signed.
//
// # Others
//
// It asks the gate for the vault. Who may sign for a circle is for the caller to ask.
package signing
