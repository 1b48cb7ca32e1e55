package badge

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"digiwork/internal/kernel"
)

// Row is what became of one line of a list of recipients.
type Row struct {
	Line  int // in the file, the header being the first
	Label string
	Why   string // key of the reason it was refused; "" when it was offered
	Link  string // to hand over, for who is not on this instance
}

var (
	errCSV     = kernel.NewFault(kernel.Invalid, "badge.csv.form").On("files")
	errColumns = kernel.NewFault(kernel.Invalid, "badge.csv.columns").On("files")
	errRows    = kernel.NewFault(kernel.Invalid, "badge.csv.many").On("files").With("max", mostAt)
)

// columns of a list of recipients, by the words their headers may have.
var columns = map[string][]string{
	"handle":   {"handle", "identifiant", "pseudo", "compte"},
	"name":     {"name", "nom", "personne", "recipient", "destinataire"},
	"note":     {"note", "mot", "message"},
	"evidence": {"evidence", "preuve", "constat"},
	"link":     {"link", "lien", "url", "adresse"},
}

// OfferList awards an achievement to the people of a list: CSV with a header line. A
// line with a handle is for a person of this instance; one with a name alone gets a
// link to hand over. A line that is wrong is refused by itself, with its reason.
func (s *Service) OfferList(ctx context.Context, id AchievementID, raw []byte) ([]Row, error) {
	if _, err := s.OwnAchievement(ctx, id); err != nil {
		return nil, err
	}
	lines, at, err := table(raw)
	if err != nil {
		return nil, err
	}
	var rows []Row
	var to []To
	var which []int // row of each of to
	for n, cells := range lines {
		cell := func(name string) string {
			if i, ok := at[name]; ok && i < len(cells) {
				return strings.TrimSpace(cells[i])
			}
			return ""
		}
		if strings.TrimSpace(strings.Join(cells, "")) == "" {
			continue
		}
		t := To{Words: Words{Label: first(cell("name"), cell("handle")), Note: cell("note"), Evidence: cell("evidence"), Link: cell("link")}}
		row := Row{Line: n + 2, Label: t.Label}
		if handle := cell("handle"); handle != "" {
			t.Person, err = s.People.PersonByHandle(ctx, strings.TrimPrefix(handle, "@"))
			if kernel.KindOf(err) == kernel.NotFound {
				row.Why = "badge.csv.unknown"
			} else if err != nil {
				return nil, err
			}
		}
		if err := t.clean(); err != nil && row.Why == "" {
			if row.Why = "badge.csv.long"; errors.Is(err, errLink) {
				row.Why = "badge.csv.address"
			}
		}
		if row.Why == "" && t.Label == "" {
			row.Why = "badge.csv.nobody"
		}
		if row.Why == "" && slices.ContainsFunc(to, func(o To) bool { return o.Person == t.Person && (t.Person != "" || o.Label == t.Label) }) {
			row.Why = "badge.csv.twice"
		}
		if row.Why == "" {
			to, which = append(to, t), append(which, len(rows))
		}
		rows = append(rows, row)
	}
	if len(to) == 0 {
		return rows, nil
	}
	made, err := s.Offer(ctx, id, to, false)
	if err != nil {
		return nil, err
	}
	for i, w := range made {
		if w.Words.Token != "" {
			rows[which[i]].Link = s.OfferLink(w)
		}
	}
	return rows, nil
}

// OfferLink is the address of an offer to somebody who is not on this instance yet.
func (s *Service) OfferLink(w Award) string { return s.Base + "/badges/offer/" + w.Words.Token }

// table reads the lines of a CSV file after its header, and where each column stands.
func table(raw []byte) ([][]string, map[string]int, error) {
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	if !utf8.Valid(raw) { // older office programs: each byte is a character
		var b strings.Builder
		for _, c := range raw {
			b.WriteRune(rune(c))
		}
		raw = []byte(b.String())
	}
	head, _, _ := bytes.Cut(raw, []byte("\n"))
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord, r.LazyQuotes, r.Comma = -1, true, ','
	for _, c := range []rune{';', '\t'} {
		if bytes.Count(head, []byte(string(c))) > bytes.Count(head, []byte(string(r.Comma))) {
			r.Comma = c
		}
	}
	var all [][]string
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil || bytes.ContainsRune(raw, 0) {
			return nil, nil, errCSV.Because(err)
		}
		if all = append(all, cells); len(all) > mostAt+1 {
			return nil, nil, errRows
		}
	}
	if len(all) == 0 {
		return nil, nil, errCSV
	}
	at := map[string]int{}
	for i, header := range all[0] {
		for name, words := range columns {
			if _, taken := at[name]; !taken && slices.Contains(words, strings.ToLower(strings.TrimSpace(header))) {
				at[name] = i
			}
		}
	}
	_, handle := at["handle"]
	if _, name := at["name"]; !handle && !name {
		return nil, nil, errColumns
	}
	return all[1:], at, nil
}
