// Package browsertest follows people through the whole program with a real browser:
// a journey for each promise, and every page looked at for accessibility. It has no
// other code.
package browsertest
