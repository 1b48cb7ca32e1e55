package taxonomy

import (
	"regexp"
	"strings"
)

// How references begin: ESCO's own, and addresses under which schemes without URIs
// of their own are referred to, public pages of the trade or of the certification
// where there is one, so that a credential that names it leads somewhere.
const (
	escoPage = "http://data.europa.eu/esco/"
	romePage = "https://candidat.francetravail.fr/metierscope/fiche-metier/"
	rncpPage = "https://www.francecompetences.fr/recherche/"
	ogrURN   = "urn:ogr:"
	formaURN = "urn:formacode:"
)

var (
	romeCode = regexp.MustCompile(`^[A-Z][0-9]{4}$`)
	digits   = regexp.MustCompile(`^[0-9]{1,9}$`)
	ficheNo  = regexp.MustCompile(`^(RNCP|RS)([0-9]{1,7})$`)
	blocNo   = regexp.MustCompile(`^((?:RNCP|RS)[0-9]{1,7})(?:BC|BE)[0-9A-Za-z]{1,6}$`)
)

// RomeURI refers to a ROME trade by its code: M1203.
func RomeURI(code string) string { return romePage + code }

// OgrURI refers to a job title or competence of ROME by its OGR number.
func OgrURI(number string) string { return ogrURN + number }

// CertificationURI refers to a certification by its number, RNCP37191 or RS6117.
func CertificationURI(number string) string {
	m := ficheNo.FindStringSubmatch(number)
	if m == nil {
		return ""
	}
	return rncpPage + strings.ToLower(m[1]) + "/" + m[2] + "/"
}

// BlocURI refers to a bloc by its code, RNCP37191BC02.
func BlocURI(code string) string {
	m := blocNo.FindStringSubmatch(code)
	if m == nil {
		return ""
	}
	return CertificationURI(m[1]) + "#" + code
}

// FormacodeURI refers to a field of training by its number.
func FormacodeURI(number string) string { return formaURN + number }

// codeURI is the URI that a code has in a scheme, or "".
func codeURI(s Scheme, code string) string {
	switch {
	case s == ROME && romeCode.MatchString(code):
		return RomeURI(code)
	case s == ROME && digits.MatchString(code):
		return OgrURI(code)
	case s == RNCP && ficheNo.MatchString(code):
		return CertificationURI(code)
	case s == RNCP:
		return BlocURI(code)
	case s == Formacode && digits.MatchString(code):
		return FormacodeURI(code)
	}
	return ""
}

// SchemeOf is the scheme a reference is made to, or "".
func SchemeOf(uri string) Scheme {
	for _, known := range []struct {
		begins string
		scheme Scheme
	}{{escoPage, ESCO}, {romePage, ROME}, {ogrURN, ROME}, {rncpPage, RNCP}, {formaURN, Formacode}, {starterURN, Starter}} {
		if strings.HasPrefix(uri, known.begins) {
			return known.scheme
		}
	}
	return ""
}
