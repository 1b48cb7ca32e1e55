// Package kernel holds the few words every part of the house shares: who asks
// (Actor), what went wrong (Fault), how things are named (ids), and calendar
// dates without a zone (Date). It knows no database, no network, no clock.
package kernel
