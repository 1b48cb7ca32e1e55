package badge

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"digiwork/internal/platform/outbound"
)

// Outside fetches through the guarded client.
type Outside struct{ Client *http.Client }

// errAnswer is an answer that holds no document.
var errAnswer = errors.New("the address answers with no document")

// Fetch implements Web.
func (o Outside) Fetch(ctx context.Context, address string, most int64) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("Accept", "application/ld+json, application/json, application/vc, application/did+json, image/png, image/svg+xml, */*;q=0.1")
	resp, err := o.Client.Do(r)
	if err != nil {
		return nil, err
	}
	raw, err := outbound.Body(resp, most)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("%w: %s", errAnswer, resp.Status)
	}
	return raw, err
}
