// Package signing is keys that sign: of people, of circles, of the instance.
package signing
