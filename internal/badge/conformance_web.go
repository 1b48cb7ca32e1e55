package badge

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"

	"digiwork/internal/lib/credential/integrity"
	"digiwork/internal/platform/web"
)

// vcBody is the longest body the VC API takes.
const vcBody = 1 << 20

// vcSuites are the cryptosuites with endpoints of their own; the last two verify only.
var vcSuites = []string{integrity.EdDSARDFC, integrity.EdDSAJCS, integrity.ECDSARDFC, integrity.ECDSAJCS}

// vcPages are the endpoints of the VC API (W3C CCG VC API 0.3).
func (s *Service) vcPages(m *web.Mux) {
	for root, suite := range map[string]string{"": "", "/status": "", "/" + vcSuites[0]: vcSuites[0], "/" + vcSuites[1]: vcSuites[1]} {
		m.Upload("POST /vc-api"+root+"/credentials/issue", vcBody, s.vcIssue(suite, root == "/status"))
	}
	for root, suite := range map[string]string{"": "", "/status": ""} {
		s.vcVerifiers(m, root, suite)
	}
	for _, suite := range vcSuites {
		s.vcVerifiers(m, "/"+suite, suite)
	}
	m.Upload("POST /vc-api/status/credentials/status", vcBody, func(w http.ResponseWriter, r *http.Request) error {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			err = s.VCStatus(r.Context(), body)
		}
		return vcAnswer(w, http.StatusOK, []byte("{}\n"), err)
	})
}

func (s *Service) vcVerifiers(m *web.Mux, root, suite string) {
	m.Upload("POST /vc-api"+root+"/credentials/verify", vcBody, s.vcVerify("verifiableCredential", suite))
	m.Upload("POST /vc-api"+root+"/presentations/verify", vcBody, s.vcVerify("verifiablePresentation", suite))
}

func (s *Service) vcIssue(suite string, status bool) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		answer, err := s.VCIssue(r.Context(), body, suite, status)
		return vcAnswer(w, http.StatusCreated, answer, err)
	}
}

func (s *Service) vcVerify(member, suite string) web.Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return err
		}
		answer, good, err := s.VCVerify(r.Context(), body, member, suite)
		status := http.StatusOK
		if !good {
			status = http.StatusBadRequest
		}
		return vcAnswer(w, status, answer, err)
	}
}

// vcAnswer writes an answer; a refusal is 400 with what is wrong.
func vcAnswer(w http.ResponseWriter, status int, answer []byte, err error) error {
	if refusal, ok := errors.AsType[*vcRefusal](err); ok {
		status = http.StatusBadRequest
		v := vcVerdict{Checks: []string{}, Warnings: []vcProblem{}, Errors: refusal.problems, ProblemDetails: refusal.problems}
		if answer, err = json.Marshal(v); err != nil {
			return err
		}
		answer = append(answer, '\n')
	} else if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(answer)))
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(answer) // a reader who left needs no answer
	return nil
}
