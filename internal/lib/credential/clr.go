package credential

// clr makes the context of the Comprehensive Learner Record 2.0 out of its vocabulary
// (CLR 2.0, appendix A): no npm package brings it. Version 2.0.1 added two terms and
// moved the vocabulary of Open Badges.
func clr(v201 bool) map[string]any {
	const vocab = "https://purl.imsglobal.org/spec/vc/clr/vocab.html#"
	badges := "https://purl.imsglobal.org/spec/ob/v3p0/vocab.html#"
	if v201 {
		badges = "https://purl.imsglobal.org/spec/vc/ob/vocab.html#"
	}
	aliases := func(more map[string]any) map[string]any {
		more["id"], more["type"] = "@id", "@type"
		return more
	}
	set := func(name, typ string) map[string]any {
		return map[string]any{"@id": vocab + name, "@type": typ, "@container": "@set"}
	}
	class := func(name string, members map[string]any) map[string]any {
		return map[string]any{"@id": vocab + name, "@context": members}
	}
	record := aliases(map[string]any{})
	subject := aliases(map[string]any{
		"cred":                 "https://www.w3.org/2018/credentials#",
		"obi":                  badges,
		"achievement":          set("achievement", "obi:Achievement"),
		"association":          set("association", vocab+"Association"),
		"verifiableCredential": set("verifiableCredential", "cred:verifiableCredential"),
	})
	if v201 {
		record["partial"] = map[string]any{"@id": vocab + "partial", "@type": "xsd:boolean"}
		subject["identifier"] = set("identifier-1", "obi:Identifier")
	}
	reference := func(name string) map[string]any {
		return map[string]any{"@id": vocab + name, "@type": "xsd:anyURI"}
	}
	return map[string]any{"@context": aliases(map[string]any{
		"ClrCredential": class("ClrCredential", record),
		"ClrSubject":    class("ClrSubject", subject),
		"Association": class("Association", map[string]any{
			"associationType": map[string]any{"@id": vocab + "AssociationType"},
			"sourceId":        reference("sourceId"),
			"targetId":        reference("targetId"),
		}),
	})}
}
