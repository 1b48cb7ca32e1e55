package app

import "strings"

// Who may what in badge. The VC API is not there unless it was opened.
func init() {
	nobody := gets{404, 404, 404, 404, 404}
	rules := map[string]rule{"POST /vc-api/status/credentials/status": {body: "{}", want: nobody}}
	for _, root := range strings.Fields("/vc-api /vc-api/status /vc-api/eddsa-rdfc-2022 /vc-api/eddsa-jcs-2022 /vc-api/ecdsa-rdfc-2019 /vc-api/ecdsa-jcs-2019") {
		rules["POST "+root+"/credentials/verify"] = rule{body: "{}", want: nobody}
		rules["POST "+root+"/presentations/verify"] = rule{body: "{}", want: nobody}
		if !strings.Contains(root, "ecdsa") {
			rules["POST "+root+"/credentials/issue"] = rule{body: "{}", want: nobody}
		}
	}
	decide(rules)
}
