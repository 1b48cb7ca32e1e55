// Package acceptancetest runs the built program as its operator and its users do:
// processes, files, signals and HTTP. It has no other code.
package acceptancetest
