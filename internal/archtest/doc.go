// Package archtest holds the rules of the house. It has no other code.
package archtest
