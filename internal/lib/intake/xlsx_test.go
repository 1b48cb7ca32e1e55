package intake

import (
	"bytes"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"digiwork/internal/testkit/shared"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"
)

// sheetRows are the lines of the first sheet as this package reads them, by number.
func sheetRows(t testing.TB, raw []byte) map[int][]string {
	t.Helper()
	z, err := listZip(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := openWorkbook(lowerNames(z))
	if err != nil {
		t.Fatal(err)
	}
	got := map[int][]string{}
	if err := b.eachRow(b.sheets[0], func(r record) error {
		got[r.line] = r.cells
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return got
}

// The public workbooks are read cell by cell as the reference library reads them.
func TestSheetsAgreeWithTheReferenceLibrary(t *testing.T) {
	for _, name := range []string{"MergeCell", "test-multiple-sheets", "test-no-shared-strings", "test-shared-strings", "test-small"} {
		raw := shared.Read(t, "imports/xlsx/"+name+".xlsx")
		f, err := excelize.OpenReader(bytes.NewReader(raw))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := f.GetRows(f.GetSheetList()[0], excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		got, lines := sheetRows(t, raw), 0
		for i, want := range rows {
			if strings.TrimSpace(strings.Join(want, "")) == "" {
				continue
			}
			lines++
			if len(want) > maxColumns {
				want = want[:maxColumns]
			}
			for c, raw := range want {
				if c < len(got[i+1]) && got[i+1][c] != raw { // a date: the library gives the count of days
					want[c] = dayOf(t, raw)
				}
			}
			if !reflect.DeepEqual(trimRight(got[i+1]), trimRight(want)) {
				t.Errorf("%s line %d: got %q, want %q", name, i+1, got[i+1], want)
			}
		}
		if lines != len(got) {
			t.Errorf("%s: %d lines, want %d", name, len(got), lines)
		}
	}
}

func dayOf(t *testing.T, days string) string {
	t.Helper()
	n, err := strconv.ParseFloat(days, 64)
	if err != nil {
		return days
	}
	d, err := excelize.ExcelDateToTime(n, false)
	if err != nil {
		t.Fatal(err)
	}
	return d.Format(time.DateOnly)
}

func trimRight(cells []string) []string {
	for len(cells) > 0 && cells[len(cells)-1] == "" {
		cells = cells[:len(cells)-1]
	}
	return cells
}

func workbookOf(t interface{ Fatal(...any) }, rows ...[]any) []byte {
	f := excelize.NewFile()
	for i, row := range rows {
		cell, err := excelize.CoordinatesToCellName(1, i+1)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.SetSheetRow("Sheet1", cell, &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestAWorkbookOfActivities(t *testing.T) {
	raw := workbookOf(t,
		[]any{"Mes activités"},
		[]any{},
		[]any{"Intitulé", "Type", "Début", "Fin", "Organisation", "Rémunéré", "Heures par semaine"},
		[]any{"Soudeuse", "emploi", time.Date(2019, 3, 2, 0, 0, 0, 0, time.UTC), "en cours", "Chantier naval", true, 35},
		[]any{"Trésorière", "bénévolat", 2018, time.Date(2020, 12, 31, 0, 0, 0, 0, time.UTC), "Chorale", false, 2.5},
		[]any{nil, nil, "?"},
	)
	r := read(t, "x", raw)
	if r.Format != FormatXLSX || len(r.Entries) != 2 || skipped(r, "intake.no_title") != 1 {
		t.Fatalf("%s, %d entries, skipped %v", r.Format, len(r.Entries), r.Skipped)
	}
	e := entry(t, r, "Soudeuse")
	want{KindActivity, TypeJob, "2019-03-02", "", "Chantier naval", "", ""}.check(t, e)
	if e.Paid == nil || !*e.Paid || e.HoursPerWeek != 35 || e.Where.String() != "Sheet1:L4" {
		t.Errorf("%+v", e)
	}
	want{KindActivity, TypeVolunteering, "2018", "2020-12-31", "Chorale", "", ""}.check(t, entry(t, r, "Trésorière"))
}

func TestEveryDayOfASheetIsTheDayTyped(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Date(1901, 1, 1+rapid.IntRange(0, 60_000).Draw(t, "day"), rapid.IntRange(0, 23).Draw(t, "hour"), 0, 0, 0, time.UTC)
		days := d.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24
		want, err := excelize.ExcelDateToTime(days, false)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := serialDate(days, false); !ok || got != want.Format(time.DateOnly) {
			t.Fatalf("%v is %q, want %v", days, got, want)
		}
		want, err = excelize.ExcelDateToTime(days, true)
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := serialDate(days, true); !ok || got != want.Format(time.DateOnly) {
			t.Fatalf("with 1904, %v is %q, want %v", days, got, want)
		}
	})
}

func TestDateFormats(t *testing.T) {
	for code, date := range map[string]bool{
		"dd/mm/yyyy": true, "mmm-yy": true, "[$-40C]d mmmm yyyy;@": true, "yyyy": true, "jj/mm/aaaa": true, "h:mm": true,
		"0.00": false, "#,##0 \"jours\"": false, "General": false, "@": false, "0\\ \"m\"": false, "": false, "_-* # ##0 €": false,
	} {
		if isDateFormat(code) != date {
			t.Errorf("%q: %v", code, !date)
		}
	}
}

func TestAWorkbookCutInTheMiddleKeepsItsFirstLines(t *testing.T) {
	rows := `<worksheet><sheetData><row r="1"><c t="str"><v>Activité</v></c><c t="str"><v>Début</v></c></row>` +
		`<row r="2"><c t="str"><v>Tri</v></c><c><v>2019</v></c></row><row r="3"><c t="str"><v>Rangement</v>`
	raw := storedZip(t,
		"xl/workbook.xml", `<workbook xmlns:r="r"><sheets><sheet name="a" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Target="/xl/worksheets/sheet1.xml"/></Relationships>`,
		"xl/worksheets/sheet1.xml", rows)
	r := read(t, "x", raw)
	if len(r.Entries) != 1 || skipped(r, "intake.truncated") != 1 || r.Skipped[0].Where.Line != 3 {
		t.Errorf("%d entries, skipped %v", len(r.Entries), r.Skipped)
	}
}

func FuzzSheet(f *testing.F) {
	f.Add(`<worksheet><row r="2"><c r="B2" t="s" s="1"><v>0</v></c><c t="inlineStr"><is><t>x</t></is></c></row></worksheet>`,
		`<sst><si><r><t>Acti</t></r><r><t>vité</t></r></si></sst>`, `<styleSheet><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>`)
	f.Fuzz(func(t *testing.T, sheet, shared, styles string) {
		read(t, "x", storedZip(t,
			"xl/workbook.xml", `<workbook xmlns:r="r"><sheets><sheet name="a" r:id="r1"/></sheets></workbook>`,
			"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>`,
			"xl/worksheets/sheet1.xml", sheet, "xl/sharedStrings.xml", shared, "xl/styles.xml", styles))
	})
}
