package account

import "strings"

// Device is what a session says of the browser, in two words of a closed list: no
// version, nothing that tells two phones of one kind apart.
type Device struct{ Browser, System string }

// browsers and systems are looked for in this order: most pretend to be others too.
var (
	browsers = [][2]string{
		{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Vivaldi", "Vivaldi"},
		{"Firefox", "Firefox"}, {"FxiOS", "Firefox"}, {"CriOS", "Chrome"}, {"Chromium", "Chromium"},
		{"Chrome", "Chrome"}, {"Safari", "Safari"},
	}
	systems = [][2]string{
		{"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"CrOS", "ChromeOS"},
		{"Windows", "Windows"}, {"Mac OS", "macOS"}, {"Linux", "Linux"},
	}
)

// deviceOf reads a User-Agent header.
func deviceOf(agent string) Device {
	if len(agent) > 1000 {
		agent = agent[:1000]
	}
	return Device{named(agent, browsers), named(agent, systems)}
}

func named(agent string, list [][2]string) string {
	for _, e := range list {
		if strings.Contains(agent, e[0]) {
			return e[1]
		}
	}
	return ""
}

// text is the device as it is stored.
func (d Device) text() string { return d.Browser + "/" + d.System }

func parseDevice(s string) Device {
	b, sys, _ := strings.Cut(s, "/")
	return Device{b, sys}
}
