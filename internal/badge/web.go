package badge

import "digiwork/internal/platform/web"

// Pages registers the HTML routes and the endpoints of the VC API.
func (s *Service) Pages(m *web.Mux) {
	s.vcPages(m)
	m.Page("GET /verify", s.showVerify)
	m.Upload("POST /verify", uploadBody, s.verify)

	m.Page("GET /reveler/badges", s.listHeld)
	m.Upload("POST /reveler/badges", uploadBody, s.importHeld)
	m.Page("POST /reveler/badges/record", s.recordHeld)
	m.Page("GET /reveler/badges/{id}", s.showHeld)
	m.Page("GET /reveler/badges/{id}/file/{form}", s.fileHeld)
	m.Page("POST /reveler/badges/{id}/part", s.partHeld)
	m.Page("POST /reveler/badges/{id}/recheck", s.recheckHeld)
	m.Page("GET /reveler/badges/{id}/remove", s.askRemoveHeld)
	m.Page("POST /reveler/badges/{id}/remove", s.removeHeld)
	m.Page("POST /reveler/badges/{id}/share", s.shareHeld)

	m.Page("GET /reveler/issue", s.listIssue)
	m.Upload("POST /reveler/issue", uploadBody, s.makeDesign)
	m.Page("GET /reveler/issue/{id}", s.showIssue)
	m.Upload("POST /reveler/issue/{id}", uploadBody, s.saveDesign)
	m.Page("POST /reveler/issue/{id}/awards", s.award)
	m.Upload("POST /reveler/issue/{id}/list", uploadBody, s.awardList)
	m.Page("POST /reveler/issue/{id}/claims", s.openClaims)
	m.Page("POST /reveler/issue/{id}/claims/close", s.closeClaims)
	m.Page("GET /reveler/awards/{award}", s.showAward)
	m.Page("POST /reveler/awards/{award}", s.decideAward)

	m.Page("GET /reveler/offers/{award}", s.showOffer)
	m.Page("POST /reveler/offers/{award}/accept", s.acceptOffer)
	m.Page("POST /reveler/offers/{award}/decline", s.declineOffer)

	m.Page("GET /badges/{id}", s.publicAchievement)
	m.Page("GET /badges/picture/{id}", s.achievementPicture)
	m.Page("GET /badges/claim/{token}", s.showClaim)
	m.Page("POST /badges/claim/{token}", s.claim)
	m.Page("GET /badges/offer/{token}", s.linkOffer)
	m.Page("POST /badges/offer/{token}", s.takeOffer)
	m.Page("GET /badges/shown/{token}", s.shownPage)
	m.Page("GET /badges/shown/{token}/{form}", s.shownFile)
}
