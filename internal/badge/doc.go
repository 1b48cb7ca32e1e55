// Package badge is achievements, awards, held credentials, and their verification.
package badge
