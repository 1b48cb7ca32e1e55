// Package workshop is tables where actors are played, on phones or on paper.
package workshop
