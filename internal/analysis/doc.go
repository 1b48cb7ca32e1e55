// Package analysis is matrices of an expedition, and what the methods of foresight say of them.
package analysis
