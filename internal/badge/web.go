package badge

import "digiwork/internal/platform/web"

// Pages registers the HTML routes and the endpoints of the VC API.
func (s *Service) Pages(m *web.Mux) {
	s.vcPages(m)
}
