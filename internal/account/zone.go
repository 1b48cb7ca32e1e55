package account

import "strings"

// defaultZone is where people are until they say otherwise.
const defaultZone = "Europe/Paris"

// zones are the time zones offered on the page of settings, by continent: all of
// France, then the usual ones. Any other name of the IANA database may be set by
// the API or the command line.
var zones = strings.Fields(`
	Europe/Paris
	America/Martinique America/Guadeloupe America/Cayenne America/Miquelon America/St_Barthelemy America/Marigot
	Indian/Reunion Indian/Mayotte Pacific/Noumea Pacific/Tahiti Pacific/Marquesas Pacific/Gambier Pacific/Wallis
	Africa/Abidjan Africa/Algiers Africa/Cairo Africa/Casablanca Africa/Dakar Africa/Johannesburg Africa/Kinshasa
	Africa/Lagos Africa/Nairobi Africa/Tunis
	America/Anchorage America/Argentina/Buenos_Aires America/Bogota America/Chicago America/Denver America/Halifax
	America/Lima America/Los_Angeles America/Mexico_City America/New_York America/Phoenix America/Port-au-Prince
	America/Santiago America/Sao_Paulo America/St_Johns America/Toronto America/Vancouver
	Asia/Bangkok Asia/Beirut Asia/Dhaka Asia/Dubai Asia/Ho_Chi_Minh Asia/Hong_Kong Asia/Jakarta Asia/Jerusalem
	Asia/Karachi Asia/Kathmandu Asia/Kolkata Asia/Manila Asia/Seoul Asia/Shanghai Asia/Singapore Asia/Taipei
	Asia/Tehran Asia/Tokyo Asia/Yerevan
	Atlantic/Azores Atlantic/Canary Atlantic/Cape_Verde Atlantic/Reykjavik
	Australia/Adelaide Australia/Brisbane Australia/Darwin Australia/Perth Australia/Sydney
	Europe/Amsterdam Europe/Athens Europe/Berlin Europe/Brussels Europe/Bucharest Europe/Budapest Europe/Copenhagen
	Europe/Dublin Europe/Helsinki Europe/Istanbul Europe/Kyiv Europe/Lisbon Europe/London Europe/Luxembourg
	Europe/Madrid Europe/Monaco Europe/Oslo Europe/Prague Europe/Rome Europe/Sofia Europe/Stockholm Europe/Vienna
	Europe/Warsaw Europe/Zurich
	Indian/Antananarivo Indian/Mauritius
	Pacific/Auckland Pacific/Fiji Pacific/Honolulu
	UTC`)

// zoneName is a zone as it is read: "Buenos Aires (America/Argentina)".
func zoneName(zone string) string {
	at := strings.LastIndexByte(zone, '/')
	if at < 0 {
		return zone
	}
	return strings.ReplaceAll(zone[at+1:], "_", " ") + " (" + zone[:at] + ")"
}
