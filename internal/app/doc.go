// Package app builds the program: the only place that knows every context. It
// reads settings, opens the databases, joins the contexts, serves, and gives each
// command of the command line its few lines.
package app
