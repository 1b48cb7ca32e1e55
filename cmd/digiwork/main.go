// Command digiwork is the whole program: the instance and its command line.
package main

import (
	"context"
	"os"
	_ "time/tzdata" // people's time zones, wherever the program runs

	"digiwork/internal/app"
)

func main() {
	os.Exit(app.Run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}
