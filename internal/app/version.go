package app

import "runtime/debug"

// version is set by the build: -ldflags "-X digiwork/internal/app.version=…".
var version = ""

// Version is the version of the program, or the commit it was built from.
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				return "0.1.0-" + s.Value[:12]
			}
		}
	}
	return "0.1.0"
}
