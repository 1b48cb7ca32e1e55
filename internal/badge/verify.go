package badge

import (
	"context"
	"errors"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/credential"
)

// verifyFor is how long a verification may ask others for documents.
const verifyFor = 12 * time.Second

// Verify looks at a credential that anybody brings, in a file, a picture, a text or by
// an address: nothing is kept. client is whose turns are counted.
//
// TooMany beyond what one client may ask; Invalid for nothing, or an address that
// does not answer.
func (s *Service) Verify(ctx context.Context, input []byte, client string) (credential.Report, error) {
	if s.Looks != nil && kernel.ActorFrom(ctx).IsVisitor() {
		if err := s.Looks.Take(client); err != nil {
			return credential.Report{}, err
		}
	}
	leave, err := s.crowd.enter(ctx)
	if err != nil {
		return credential.Report{}, err
	}
	defer leave()
	asking, cancel := context.WithTimeout(ctx, verifyFor)
	defer cancel()
	text, err := s.credentialIn(asking, input)
	if errors.Is(err, errNotOne) { // a picture without badge: the report says what to do
		return credential.Verify(input, credential.Options{At: s.now(), Lang: kernel.ActorFrom(ctx).Lang}), nil
	}
	if err != nil {
		return credential.Report{}, err
	}
	library, _, err := s.gather(asking, credential.Needs(text), nil, true)
	if err != nil {
		return credential.Report{}, err
	}
	return credential.Verify(text, credential.Options{At: s.now(), With: library, Lang: kernel.ActorFrom(ctx).Lang}), nil
}
