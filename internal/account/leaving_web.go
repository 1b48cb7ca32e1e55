package account

import (
	"context"
	"net/http"
	"strings"

	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"
)

func (s *Service) showLeave(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	d, err := s.Departing(ctx)
	if err != nil {
		return err
	}
	_, notFresh := recent(ctx, s.DB.Now())
	p := frame(ctx, i18n.T(ctx, "account.leave.title"), i18n.T(ctx, "account.leave.lede"))
	return web.Render(w, r, http.StatusOK, web.Layout(p, leaveBody(d, s.Export, notFresh == nil)))
}

// postLeave answers with the receipt itself: after it nobody is left to ask again.
func (s *Service) postLeave(w http.ResponseWriter, r *http.Request) error {
	ctx := r.Context()
	receipt, err := s.EraseMe(ctx)
	if sent, gone := stale(w, r, err, "/account/leave"); sent {
		return gone
	}
	if err != nil {
		return err
	}
	s.setCookie(w, "", -1)
	web.ClearSite(w)
	p := web.Page{Title: i18n.T(ctx, "account.receipt.title"), Lede: i18n.T(ctx, "account.receipt.lede"), Bare: true}
	return web.Render(w, r, http.StatusOK, web.Layout(p, receiptPage(receipt, asFile(receiptText(ctx, receipt)))))
}

// receiptText is the receipt as a file.
func receiptText(ctx context.Context, r Receipt) string {
	lines := []string{
		i18n.T(ctx, "account.receipt.title"), "",
		i18n.T(ctx, "account.receipt.person") + " " + string(r.Person),
		i18n.T(ctx, "account.receipt.left") + " " + i18n.Moment(ctx, r.LeftAt), keyWords(ctx, r),
		"", i18n.T(ctx, "account.receipt.gone"),
	}
	lines = append(lines, tallyWords(ctx, r.Gone)...)
	if len(r.Stays) > 0 {
		lines = append(lines, "", i18n.T(ctx, "account.receipt.stays"))
		lines = append(lines, tallyWords(ctx, r.Stays)...)
	}
	return strings.Join(append(lines, "", i18n.T(ctx, "account.receipt.limits"), ""), "\r\n")
}

// keyWords says what became of her data key.
func keyWords(ctx context.Context, r Receipt) string {
	if r.ForgottenAt.IsZero() {
		return i18n.T(ctx, "account.receipt.key_pending")
	}
	return i18n.T(ctx, "account.receipt.key") + " " + i18n.Moment(ctx, r.ForgottenAt)
}

func tallyWords(ctx context.Context, tallies []Tally) []string {
	all := make([]string, len(tallies))
	for i, t := range tallies {
		all[i] = i18n.N(ctx, t.Key, t.N)
	}
	return all
}
