package signing

// Scatter shows the order of places to tests.
func Scatter(s *Service, id string, n int64) int { return s.scatter(listID(id), n) }
