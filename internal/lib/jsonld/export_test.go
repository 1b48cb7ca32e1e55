package jsonld

// Tolerate lets the conformance tests see the lossy behaviour of JSON-LD.
func (p *Processor) Tolerate() { p.tolerate = true }
