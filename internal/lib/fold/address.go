package fold

import (
	"errors"
	"net/url"
	"path"
	"slices"
	"strings"

	"golang.org/x/net/idna"
)

// ErrAddress says that a text is not the address of a page: http or https, with a
// host.
var ErrAddress = errors.New("not an address of a page")

// trackers are parameters that follow a reader and do not change what she reads.
var trackers = []string{
	"gclid", "dclid", "gbraid", "wbraid", "fbclid", "msclkid", "yclid", "twclid", "ttclid", "igshid", "igsh",
	"mc_cid", "mc_eid", "_hsenc", "_hsmi", "mkt_tok", "oly_anon_id", "oly_enc_id", "vero_id", "wickedid",
	"at_medium", "at_campaign", "at_custom1", "at_custom2", "xtor", "cmpid", "ns_mchannel", "ns_source",
	"ref_src", "ref_url", "s_kwcid", "spm", "wt_mc", "trk", "pk_campaign", "pk_kwd",
}

func tracks(name string) bool {
	name = strings.ToLower(name)
	return strings.HasPrefix(name, "utm_") || strings.HasPrefix(name, "mtm_") || slices.Contains(trackers, name)
}

// Canonical is the form of an address under which the same page is known whatever
// the way that led to it: lower-case host without a default port, no fragment, no
// parameter that tracks, the others in order, no dot segments, no slash at the end.
// http and https are the same page.
//
// ErrAddress for anything but http and https, and for an address that names a user.
func Canonical(address string) (string, error) {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil {
		return "", errors.Join(ErrAddress, err)
	}
	scheme := strings.ToLower(u.Scheme)
	if scheme != "http" && scheme != "https" || u.Hostname() == "" || u.User != nil {
		return "", ErrAddress
	}
	host, err := idna.Lookup.ToASCII(strings.TrimSuffix(u.Hostname(), "."))
	if err != nil {
		host = strings.ToLower(u.Hostname()) // an address by numbers, or a name with an underscore
	}
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if port := u.Port(); port != "" && port != "80" && port != "443" {
		host += ":" + port
	}
	kept := url.Values{}
	for name, values := range u.Query() {
		if !tracks(name) {
			kept[name] = values
		}
	}
	out := url.URL{Scheme: "https", Host: host, Path: cleanPath(u.Path), RawQuery: kept.Encode()}
	return out.String(), nil
}

func cleanPath(p string) string {
	p = path.Clean("/" + p)
	if base := path.Base(p); base == "index.html" || base == "index.php" {
		p = path.Dir(p)
	}
	if p == "/" {
		return ""
	}
	return p
}
