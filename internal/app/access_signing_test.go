package app

// Who may what in signing: what verifiers ask for is public. On an instance without
// https there is no document of keys.
func init() {
	decide(map[string]rule{
		"GET /.well-known/did.json": {want: gets{404, 404, 404, 404, 404}},
		"GET /c/{id}/did.json":      {of: "circle", want: gets{404, 404, 404, 404, 404}},
		"GET /status/{id}":          {of: "-never", want: gets{404, 404, 404, 404, 404}},
	})
}
