// Package watch is the watch of an expedition: feeds, signals, notes, reviews.
package watch
