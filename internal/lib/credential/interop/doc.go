// Package interop compares our verification and issuing with independent programs,
// in both directions: @digitalbazaar/vc with its eddsa-rdfc-2022 suite,
// @digitalcredentials/verifier-core and @sd-jwt/sd-jwt-vc. It holds tests only; what
// they need is installed by npm into a cache folder, pinned by package-lock.json.
//
// What each of them supports, and where they disagree with us, stands in
// docs/credentials.md.
package interop
