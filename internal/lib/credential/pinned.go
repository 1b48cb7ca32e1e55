package credential

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"sync"

	"digiwork/internal/lib/ijson"
)

// The contexts that make deps copies; see contexts/README.md.
//
//go:embed contexts
var contextFiles embed.FS

// Addresses that other packages name.
const (
	ContextV1     = "https://www.w3.org/2018/credentials/v1"
	ContextV2     = "https://www.w3.org/ns/credentials/v2"
	ContextOB3    = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
	ContextOBMore = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
	ContextCLR    = "https://purl.imsglobal.org/spec/clr/v2p0/context-2.0.1.json"
	ContextOB2    = "https://w3id.org/openbadges/v2"
)

var (
	// ErrContextUnknown is an address that no pin names.
	ErrContextUnknown = errors.New("unknown context")
	// ErrContextNotBuiltIn is a pinned context that the program was built without.
	ErrContextNotBuiltIn = errors.New("context not built in; run make deps")
	// ErrContextChanged is a document that differs from the pin.
	ErrContextChanged = errors.New("context differs from the pinned one")
)

// pin is what is known of a context.
type pin struct {
	address string
	file    string         // in the folder contexts, or ""
	own     map[string]any // written here, or nil
	digest  string         // SHA-256 of its canonical form (RFC 8785), hexadecimal
	// SHA-256 and SHA-384 of the document as published at its address, base64, where a
	// credential may name them in relatedResource.
	sha256, sha384 string
}

const (
	obBase  = "https://purl.imsglobal.org/spec/ob/v3p0/"
	clrBase = "https://purl.imsglobal.org/spec/clr/v2p0/"
)

var pins = []pin{
	{address: ContextV2, file: "credentials-v2.jsonld",
		digest: "b463c8d6a066214123ddd9827b135e1b50e1fc73322cc52a9b12a4f1fc7d86cf",
		sha256: "WZVc7WaX1h4D8rJVb+vlMIqxaEKEb1tYbX8fet7JJzQ=",
		sha384: "l/HrjlBCNWyAX91hr6LFV2Y3heB5Tcr6IeE4/Tje8YyzYBM8IhqjHWiWpr8+ZbYU"},
	{address: ContextV1, file: "credentials-v1.jsonld",
		digest: "b01e671e873981f19a9102a9a57f666dbcaeb31b99e3e124378d143e71549247",
		sha256: "PQsndSLtJDhchQuYgrlohocYm483qb2fFXfjSLEBnEQ=",
		sha384: "Yu8ITIUTLFiBGfc0T6f7Bdztm0T35K/uMxuS4BMfPbRQD1RMuB9sw9RHHwRE5uEd"},
	{address: "https://www.w3.org/ns/credentials/examples/v2", own: anyTerm("https://www.w3.org/ns/credentials/examples#")},
	{address: "https://www.w3.org/ns/credentials/undefined-terms/v2", own: anyTerm("https://www.w3.org/ns/credentials/undefined-term#")},
	{address: "https://www.w3.org/ns/credentials/status/v1", file: "vc-bitstring-status-list-v1.jsonld",
		digest: "b2fcebfbaf4e6beae2be370fda8a5f9f99c28540c798a75a8cdccc0fb1a12492"},
	{address: "https://w3id.org/security/data-integrity/v1", file: "data-integrity-v1.jsonld",
		digest: "9505bf85338a4c2121ad03992ac90061bc85d43bcfa34d9d47b779381cf08b5f"},
	{address: "https://w3id.org/security/data-integrity/v2", file: "data-integrity-v2.jsonld",
		digest: "7ba3c50acf2689d5e07927267343eb353249c7c22a9f2d00307cc970e855e305"},
	{address: "https://w3id.org/security/multikey/v1", file: "multikey-v1.jsonld",
		digest: "be20c3ee6af6e9c4102e66a85c26617831218e32216bdf050f870e389e737cdc"},
	{address: "https://w3id.org/security/suites/ed25519-2020/v1", file: "ed25519-2020-v1.jsonld",
		digest: "fb517f09d990829aed734c9bad8cbbb2ac3d5063b865c7e3d81f246074bf5691"},
	{address: obBase + "context.json", file: "ob-v3p0.json",
		digest: "2c54acaa1cffda2420be32ab61f0a2082051211131c6337686f36f2537aa859b"},
	{address: obBase + "context-3.0.1.json", file: "ob-v3p0-3.0.1.json",
		digest: "8bb2354552b70cbdf2066f6d3e24bc5c2be2619145737580ad2aebdc366e77d5"},
	{address: obBase + "context-3.0.2.json", file: "ob-v3p0-3.0.2.json",
		digest: "bdd1d11a55a660322f24660862a1d430ee80cce584465f750909daa43684357c"},
	// Two contents circulate under this address; the other one also has the terms
	// endorsementJwt and jti, so we do not write them, and refuse them as undefined.
	{address: ContextOB3, file: "ob-v3p0-3.0.3.json",
		digest: "c5e555a91a5cf48e32ae0a05674c61ddd5c053b680b5643b2f57f9965e386d99"},
	{address: ContextOBMore, file: "ob-v3p0-extensions.json",
		digest: "15f4c347c6fe4380d9b6b93795859e33747ef48d5c55b91a71c52fb51c7bcbd7"},
	{address: clrBase + "context.json", own: clr(false),
		digest: "a2dd0c0c07434663b7b54a51dd8a3363f6d5c420efa87e3d97b4ef8661596d44"},
	{address: ContextCLR, own: clr(true),
		digest: "7defe702c102faf14108579b7d65ef39ecf4c3bbef925b803e15bd77cd6e3394"},
}

// anyTerm is a context in which every term means something: for examples and trials.
func anyTerm(vocabulary string) map[string]any {
	return map[string]any{"@context": map[string]any{"@vocab": vocabulary}}
}

// pinnedDocs is what was read of the pinned contexts, once.
var pinnedDocs = sync.OnceValue(func() map[string]result {
	all := make(map[string]result, len(pins))
	for _, p := range pins {
		doc, err := p.read()
		all[p.address] = result{doc, err}
	}
	return all
})

type result struct {
	doc any
	err error
}

func (p pin) read() (any, error) {
	if p.own != nil {
		return p.own, nil
	}
	text, err := contextFiles.ReadFile("contexts/" + p.file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.address, ErrContextNotBuiltIn)
	}
	doc, err := ijson.Object(text, ijson.Limits{})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.address, err)
	}
	if d, err := digest(doc); err != nil || d != p.digest {
		return nil, fmt.Errorf("%s: %w", p.address, ErrContextChanged)
	}
	return doc, nil
}

func digest(doc any) (string, error) {
	text, err := ijson.Canonical(doc)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:]), nil
}

// PinnedContext gives a pinned context; its result may not be changed.
func PinnedContext(address string) (any, error) {
	r, ok := pinnedDocs()[address]
	if !ok {
		return nil, fmt.Errorf("%s: %w", address, ErrContextUnknown)
	}
	return r.doc, r.err
}

// CheckContexts says whether every pinned context is built in.
func CheckContexts() error {
	for _, p := range pins {
		if _, err := PinnedContext(p.address); err != nil {
			return err
		}
	}
	return nil
}

// recognise finds the address of a context document by its content alone: documents
// are often kept under other names.
func recognise(doc map[string]any) (address string, ok bool) {
	d, err := digest(doc)
	if err != nil {
		return "", false
	}
	address, ok = byDigest()[d]
	return address, ok
}

// alsoSeen are other contents in use under an address; a document may be supplied for
// it, but is not built in.
var alsoSeen = map[string]string{
	"04b1136ddc4eda9a8966bc7ef182789f233a26739473140ef75d6968c29a2966": ContextOB3,
}

var byDigest = sync.OnceValue(func() map[string]string {
	all := make(map[string]string, len(pins))
	for d, address := range alsoSeen {
		all[d] = address
	}
	for _, p := range pins {
		if p.digest != "" {
			all[p.digest] = p.address
		}
	}
	return all
})

// published gives the digests, in base64, of the document as published at an address.
func published(address string) (sha256, sha384 string, ok bool) {
	for _, p := range pins {
		if p.address == address && p.sha256 != "" {
			return p.sha256, p.sha384, true
		}
	}
	return "", "", false
}
