// Package web is the frame every page and every JSON operation hangs in.
//
// # Words
//
// A Site is what all pages of this instance share: its name, its Rooms, its
// language catalog. A Page is one page's place in it. A Handler answers a request
// or returns an error; Mux.Fail is the only place that turns an error into a
// status, a page or a problem, and a log line.
//
// # Promises
//
//   - A page is written whole or not at all.
//   - A log line holds the pattern of a route, never a path, a query or a word
//     that a person wrote.
//   - Everything works without script; no page asks anything of another site.
//   - A shared page (under /s/) shows nothing of the house, is not stored and not
//     indexed, and answers in the same words whether it is closed or never was.
//   - Values that a client sent are never echoed in a problem.
package web
