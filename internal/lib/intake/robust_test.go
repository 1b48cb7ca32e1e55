package intake

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"digiwork/internal/testkit/shared"
)

// refusedFor checks that a file gives nothing, for the reason named.
func refusedFor(t *testing.T, name string, raw []byte, key string) {
	t.Helper()
	r := read(t, name, raw)
	if !r.Refused() || skipped(r, key) == 0 {
		t.Errorf("%s: want %s, got %d entries, skipped %v", name, key, len(r.Entries), first3(r.Skipped))
	}
}

// accepted checks that a file gives n entries and nothing is skipped.
func accepted(t *testing.T, name string, raw []byte, n int) *Report {
	t.Helper()
	r := read(t, name, raw)
	if len(r.Entries) != n || len(r.Skipped) != 0 {
		t.Errorf("%s: want %d entries, got %d, skipped %v", name, n, len(r.Entries), first3(r.Skipped))
	}
	return r
}

func TestJSONIsReadAsTheStandardSays(t *testing.T) {
	s := &sink{ctx: t.Context(), rep: &Report{}}
	files(t, "robustness/json/test_parsing", func(name string, raw []byte) {
		text, how := decodeText(string(raw))
		_, cut, err := s.parseJSON(text)
		ok := err == nil && cut == 0 && !how.binary
		switch {
		case strings.HasPrefix(name, "y_") && !ok:
			t.Errorf("%s must be read: %v", name, err)
		case strings.HasPrefix(name, "n_") && ok:
			t.Errorf("%s must be refused", name)
		}
	})
}

func resumeWith(inner string) []byte {
	return []byte(`{"basics":{"name":"Awa"},"work":[{"name":"Quai","position":"Docker","startDate":"2019","x":` + inner + `}]}`)
}

func TestDepthOfJSON(t *testing.T) {
	accepted(t, "30 deep", resumeWith(strings.Repeat("[", 30)+strings.Repeat("]", 30)), 2)
	refusedFor(t, "20,000 deep", resumeWith(strings.Repeat("[", 20_000)+strings.Repeat("]", 20_000)), "intake.json.deep")
	refusedFor(t, "public file", shared.Read(t, "robustness/generated/json-depth-20000.json"), "intake.json.deep")
}

func TestNumberOfValuesInJSON(t *testing.T) {
	accepted(t, "100,000 values", resumeWith("["+strings.Repeat("1,", 100_000)+"1]"), 2)
	refusedFor(t, "a million values", resumeWith("["+strings.Repeat("1,", 1_000_000)+"1]"), "intake.json.many")
}

// A document cut anywhere gives the entries that stood complete before the cut,
// and says where it stops; never an entry the whole document does not hold.
func TestATruncatedJSONKeepsWhatCameBefore(t *testing.T) {
	whole := shared.Read(t, "imports/json-resume/sample.resume.json")
	all := map[string]bool{}
	for _, e := range read(t, "whole", whole).Entries {
		if e.Kind != KindProfile {
			all[e.Key] = true
		}
	}
	most := 0
	for n := 0; n < len(whole)-2; n += 7 {
		r := read(t, "cut", whole[:n])
		if len(r.Skipped) == 0 {
			t.Fatalf("cut at %d: nothing said", n)
		}
		for _, e := range r.Entries {
			if e.Kind != KindProfile && !all[e.Key] {
				t.Errorf("cut at %d: %q is half read", n, e.Title)
			}
		}
		most = max(most, len(r.Entries))
	}
	if most < 10 {
		t.Errorf("at most %d entries were kept", most)
	}
}

func TestATruncatedXMLKeepsWhatCameBefore(t *testing.T) {
	for _, name := range []string{"europass-3.xml", "europass-2020.xml"} {
		whole := sample(t, name)
		all := map[string]bool{}
		for _, e := range read(t, "whole", whole).Entries {
			all[e.Key] = true
		}
		most := 0
		for n := 0; n < len(bytes.TrimSpace(whole))-1; n += 11 {
			r := read(t, "cut", whole[:n])
			if len(r.Skipped) == 0 {
				t.Fatalf("%s cut at %d: nothing said", name, n)
			}
			for _, e := range r.Entries {
				if e.Kind == KindActivity && !all[e.Key] {
					t.Errorf("%s cut at %d: %q is half read", name, n, e.Title)
				}
			}
			most = max(most, len(r.Entries))
		}
		if most < 7 {
			t.Errorf("%s: at most %d entries were kept", name, most)
		}
	}
}

func TestEntitiesOfXML(t *testing.T) {
	for _, name := range []string{"feed-billion-laughs.xml", "feed-xxe.xml"} {
		refusedFor(t, name, shared.Read(t, "robustness/generated/"+name), "intake.xml.entities")
	}
	laughs := `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>` +
		`<SkillsPassport><LearnerInfo><Identification><PersonName><FirstName>&b;</FirstName></PersonName></Identification></LearnerInfo></SkillsPassport>`
	refusedFor(t, "own entities", []byte(laughs), "intake.xml.entities")
	plain := strings.Replace(strings.Replace(laughs, ` [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]`, "", 1), "&b;", "Awa &amp; Zo&euml;", 1)
	entry(t, accepted(t, "a DOCTYPE without entities", []byte(plain), 1), "Awa & Zoë")
}

func TestDepthAndSizeOfXML(t *testing.T) {
	wrap := func(inner string) []byte {
		return []byte("<SkillsPassport><LearnerInfo><Identification><PersonName><FirstName>Awa</FirstName></PersonName>" + inner + "</Identification></LearnerInfo></SkillsPassport>")
	}
	accepted(t, "50 deep", wrap(strings.Repeat("<a>", 50)+strings.Repeat("</a>", 50)), 1)
	refusedFor(t, "20,000 deep", wrap(strings.Repeat("<a>", 20_000)+strings.Repeat("</a>", 20_000)), "intake.xml.deep")
	accepted(t, "10,000 elements", wrap(strings.Repeat("<a/>", 10_000)), 1)
	refusedFor(t, "300,000 elements", wrap(strings.Repeat("<a/>", 300_000)), "intake.xml.many")
	refusedFor(t, "broken", []byte("<Candidate><a></b></Candidate>"), "intake.xml.invalid")
	refusedFor(t, "another root", []byte("<rss><channel/></rss>"), "intake.xml.unknown")
	refusedFor(t, "a page", []byte("<!DOCTYPE html><html><body>x</body></html>"), "intake.html")
}

// zipOf makes an archive of name, content pairs.
func zipOf(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, files[i+1]); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestArchivesThatUnfoldTooFar(t *testing.T) {
	refusedFor(t, "public file", shared.Read(t, "robustness/generated/zip-ratio-20MB.zip"), "intake.zip.bomb")
	bomb := zipOf(t, "Positions.csv", "Company Name,Title,Started On\n"+strings.Repeat("\x00", 20<<20), "Skills.csv", "Name\nx\n")
	refusedFor(t, "zeros", bomb, "intake.zip.bomb")

	// The neighbour: a complete export of 5,000 connections, all much alike.
	var people strings.Builder
	people.WriteString("Notes:\n\"Some addresses are missing.\"\n\nFirst Name,Last Name,URL,Email Address,Company,Position,Connected On\n")
	for i := range 5_000 {
		fmt.Fprintf(&people, "Paul,Fictif %d,https://example.org/in/paul-%d,,Entrepôts Fictifs SA,Cariste,05 Jan 2024\n", i, i)
	}
	r := accepted(t, "Complete_LinkedInDataExport.zip", zipOf(t, "Connections.csv", people.String(), "Skills.csv", "Name\nGestion des stocks\n"), 5_001)
	if r.Format != FormatLinkedIn || r.Count(KindContact) != 5_000 {
		t.Errorf("%s, %d contacts", r.Format, r.Count(KindContact))
	}
}

func TestArchivesThatLieAboutSizes(t *testing.T) {
	raw := zipOf(t, "Positions.csv", "Company Name,Title,Started On\nQuai,Docker,2019\n"+strings.Repeat("Quai,Docker,2019\n", 2<<20), "Skills.csv", "Name\nx\n")
	at := bytes.Index(raw, []byte("PK\x01\x02")) // the directory says 40 bytes
	binary.LittleEndian.PutUint32(raw[at+24:], 40)
	r := read(t, "liar.zip", raw)
	if len(r.Entries) > 2 {
		t.Errorf("%d entries", len(r.Entries))
	}
}

func TestArchivesWithTooManyFiles(t *testing.T) {
	many := make([]string, 0, 2*3_000)
	for i := range 3_000 {
		many = append(many, fmt.Sprintf("f%d.csv", i), "")
	}
	refusedFor(t, "3,000 files", zipOf(t, many...), "intake.zip.many")
	files := append(many[:0:0], many[:200]...)
	accepted(t, "100 files, one of use", zipOf(t, append(files, "a.csv", "Activité;Début\nTri;2019\n")...), 1)

	// A directory that says one file and lists many more.
	refusedFor(t, "forged directory", forgedDirectory(t, 100_000), "intake.zip.broken")
	refusedFor(t, "forged directory", forgedDirectory(t, 200_000), "intake.zip.many")
}

func TestNamesThatLeaveTheArchive(t *testing.T) {
	r := read(t, "slip", shared.Read(t, "robustness/generated/zip-slip.zip"))
	if skipped(r, "intake.zip.unsafe_name") != 2 {
		t.Errorf("skipped %v", r.Skipped)
	}
	table := "Activité;Début\nTri;2019\n"
	r = read(t, "slip", zipOf(t, "../../a.csv", table, `..\b.csv`, table, "/c.csv", table, "mes données/d.csv", table))
	if len(r.Entries) != 1 || r.Entries[0].Where.Part != "mes données/d.csv" || skipped(r, "intake.zip.unsafe_name") != 3 {
		t.Errorf("%d entries, skipped %v", len(r.Entries), r.Skipped)
	}
}

func TestFilesInArchivesThatCannotBeRead(t *testing.T) {
	table := "Activité;Début\nTri;2019\n"
	r := read(t, "x", zipOf(t, "a.csv", table, "A.CSV", "Activité;Début\nAutre;2019\n", "b.zip", string(zipOf(t, "c.csv", table)), "d.bin", "\x00\x01\x02"))
	if len(r.Entries) != 1 || skipped(r, "intake.zip.twice") != 1 || skipped(r, "intake.zip.nested") != 1 || skipped(r, "intake.unknown_format") != 1 {
		t.Errorf("%d entries, skipped %v", len(r.Entries), r.Skipped)
	}
	locked := zipOf(t, "a.csv", table)
	for _, at := range []int{6, bytes.Index(locked, []byte("PK\x01\x02")) + 8} {
		locked[at] |= 1
	}
	refusedFor(t, "locked", locked, "intake.zip.locked")
	if r := read(t, "link", shared.Read(t, "robustness/zip/symlink.zip")); skipped(r, "intake.zip.not_a_file") != 1 {
		t.Errorf("skipped %v", r.Skipped)
	}
	refusedFor(t, "cut", zipOf(t, "a.csv", table)[:60], "intake.zip.broken")
}

func TestAMusetteIsLeftToTheCaller(t *testing.T) {
	r := read(t, "x", zipOf(t, "bagit.txt", "BagIt-Version: 1.0\n", "data/musette.json", "{}"))
	if r.Format != FormatMusette || r.Refused() || len(r.Entries)+len(r.Skipped) != 0 {
		t.Errorf("%+v", r)
	}
	if r := read(t, "x", zipOf(t, "data/musette.json", "{}")); r.Format == FormatMusette {
		t.Error("without bagit.txt it is no bag")
	}
}

func TestPicturesAreNeverDecoded(t *testing.T) {
	bomb := shared.Read(t, "robustness/generated/png-bomb-12000x12000.png")
	refusedFor(t, "bomb", bomb, "intake.picture")
	// The same bomb with a badge baked into it is kept, as bytes.
	badge := shared.Read(t, "open-badges/ob30/simple.json")
	baked := append(bytes.Clone(bomb[:33]), chunk("iTXt", append([]byte("openbadgecredential\x00\x00\x00\x00\x00"), badge...))...)
	baked = append(baked, bomb[33:]...)
	entry(t, accepted(t, "baked", baked, 1), "Teamwork")
	for _, name := range []string{"invalid-crc32", "invalid-noend", "invalid-palette", "invalid-trunc", "invalid-zlib"} {
		if r := read(t, name, shared.Read(t, "robustness/png/"+name+".png")); !r.Refused() {
			t.Errorf("%s was taken", name)
		}
	}
	refusedFor(t, "script", shared.Read(t, "robustness/generated/svg-script.svg"), "intake.picture")
}

func chunk(typ string, body []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(body))) //nolint:gosec // small
	return append(append(append(b, typ...), body...), 0, 0, 0, 0)
}

func TestFilesOfTheWrongSize(t *testing.T) {
	refusedFor(t, "nothing", nil, "intake.empty")
	refusedFor(t, "blanks", []byte(" \n\t\n"), "intake.empty")
	r, err := Read(t.Context(), "x", bytes.NewReader(nil), MaxFile+1, Options{})
	if err != nil || skipped(r, "intake.too_large") != 1 {
		t.Errorf("%v %v", r, err)
	}
	line := "Tri des archives numéro %d;2019;" + strings.Repeat("é", 800) + "\n"
	var b strings.Builder
	b.WriteString("Activité;Début;Récit\n")
	for i := range 14_000 {
		fmt.Fprintf(&b, line, i)
	}
	accepted(t, fmt.Sprint(b.Len()>>20, " MiB"), []byte(b.String()), 14_000)
}

func TestOtherFilesAreRefusedWithAdvice(t *testing.T) {
	for raw, key := range map[string]string{
		"%PDF-1.7\n…":                      "intake.pdf",
		"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": "intake.old_office",
		"\xff\xd8\xff\xe0JFIF":             "intake.picture",
		"RIFF\x10\x00\x00\x00WEBPVP8 ":     "intake.picture",
		"\x1f\x8b\x08\x00":                 "intake.packed",
		"Bonjour,\nje suis un texte.\n":    "intake.unknown_format",
		"\x00\x01\x02\x03\x04\x05":         "intake.unknown_format",
		"a;b;c\n1;2;3\n":                   "intake.columns_unknown",
		"[]":                               "intake.json.unknown",
		"{\"a\":":                          "intake.json.invalid",
	} {
		refusedFor(t, raw, []byte(raw), key)
	}
	refusedFor(t, "odt", zipOf(t, "mimetype", "application/vnd.oasis.opendocument.text", "content.xml", "<x/>"), "intake.other_office")
}

func TestTenThousandLines(t *testing.T) {
	var b strings.Builder
	b.WriteString("Intitulé;Type;Début;Fin;Organisation;Lieu;Récit\n")
	for i := range 10_000 {
		fmt.Fprintf(&b, "Mission %d;mission;%02d/%02d/2019;en cours;Client %d;Nîmes;Ce que j’ai fait, la fois n° %d\n", i, 1+i%28, 1+i%12, i%97, i)
	}
	accepted(t, "x", []byte(b.String()), 10_000)
	for range 15_000 {
		b.WriteString("Encore;mission;2019;;;;\n")
	}
	r := read(t, "x", []byte(b.String()))
	if len(r.Entries) != 10_001 || skipped(r, "intake.twice") != 14_999 {
		t.Errorf("%d entries, %d twice", len(r.Entries), skipped(r, "intake.twice"))
	}
}

func TestTooManyEntriesAreSaidOnce(t *testing.T) {
	var b strings.Builder
	b.WriteString("Activité;Début\n")
	for i := range MaxEntries + 500 {
		fmt.Fprintf(&b, "Fois %d;2019\n", i)
	}
	r := read(t, "x", []byte(b.String()))
	if len(r.Entries) != MaxEntries || skipped(r, "intake.too_many") != 1 || len(r.Skipped) != 1 {
		t.Errorf("%d entries, skipped %v", len(r.Entries), first3(r.Skipped))
	}
}

func TestAnEndedContextStopsTheReading(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	raw := sample(t, "activities.csv")
	if _, err := Read(ctx, "x", bytes.NewReader(raw), int64(len(raw)), Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

type failing struct{}

func (failing) ReadAt([]byte, int64) (int, error) { return 0, os.ErrDeadlineExceeded }

func TestAReaderThatFailsIsAnError(t *testing.T) {
	if _, err := Read(t.Context(), "x", failing{}, 100, Options{}); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("%v", err)
	}
}

// naughty gives the naughty strings and the names of real shapes.
func naughty(t *testing.T) (all []string) {
	t.Helper()
	for _, name := range []string{"robustness/blns.json", "robustness/generated/person-names.json", "robustness/generated/html-injection.json"} {
		var list []string
		if err := json.Unmarshal(shared.Read(t, name), &list); err != nil {
			t.Fatal(err)
		}
		all = append(all, list...)
	}
	return all
}

// As the tidied title of an entry, every string is what was typed, but for blanks
// around, line ends, and control characters.
func tidied(s string) string {
	k := &sink{rep: &Report{}}
	s = k.oneLine(Where{}, strings.ToValidUTF8(s, "\uFFFD"))
	return firstRunes(s, maxTitle)
}

func TestNamesOfEveryShapeSurvive(t *testing.T) {
	var names []string
	if err := json.Unmarshal(shared.Read(t, "robustness/generated/person-names.json"), &names); err != nil {
		t.Fatal(err)
	}
	var table, cards strings.Builder
	table.WriteString("Intitulé;Organisation;Début\n")
	for _, n := range names {
		fmt.Fprintf(&table, "%s;%s;2019\n", n, n)
		fmt.Fprintf(&cards, "BEGIN:VCARD\nVERSION:4.0\nFN:%s\nEND:VCARD\n", n)
	}
	for _, r := range []*Report{accepted(t, "csv", []byte(table.String()), len(names)), accepted(t, "vcf", []byte(cards.String()), len(names))} {
		for i, n := range names {
			if r.Entries[i].Title != n {
				t.Errorf("%q became %q", n, r.Entries[i].Title)
			}
		}
	}
}

func TestNaughtyStringsSurviveEveryFormat(t *testing.T) {
	for _, typed := range naughty(t) {
		want := tidied(typed)
		if want == "" {
			continue
		}
		value, err := json.Marshal(typed)
		if err != nil {
			t.Fatal(err)
		}
		resume := fmt.Sprintf(`{"basics":{"name":"x"},"work":[{"position":%s,"name":%s,"summary":%s,"startDate":%s}]}`, value, value, value, value)
		entry(t, read(t, "json", []byte(resume)), want)

		quoted := `"` + strings.ReplaceAll(typed, `"`, `""`) + `"`
		r := read(t, "csv", []byte("Intitulé;Récit;Début\n"+quoted+";"+quoted+";2019\n"))
		if len(r.Entries) == 0 {
			t.Errorf("csv: %q is lost: %v", typed, r.Skipped)
			continue
		}
		if got := r.Entries[0].Title; got != want && got != tidied(UnsafeCell(typed)) {
			t.Errorf("csv: %q became %q", want, got)
		}
	}
}

func TestControlCharactersAreRemovedAndSaid(t *testing.T) {
	r := read(t, "x", []byte(`{"basics":{"name":"Awa"},"work":[{"position":"Do\u0000ck\u0007er","startDate":"2019"}]}`))
	entry(t, r, "Docker")
	if warned(r, "intake.controls_removed") != 1 {
		t.Errorf("warned %v", r.Warnings)
	}
	r = read(t, "x", []byte("Activité;Début\nDo\x00cker;2019\n"))
	entry(t, r, "Docker")
	r = read(t, "x", []byte(`{"basics":{"name":"Awa"},"work":[{"position":"👩🏽‍🏭 soudeuse","startDate":"2019"}]}`))
	entry(t, r, "👩🏽‍🏭 soudeuse")
}

func TestATitleThatIsAStoryIsNotLost(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("j’ai rangé les archives ", 20))
	r := read(t, "x", []byte("Activité;Début;Récit\n"+long+";2019;la suite\n"))
	if e := r.Entries[0]; len([]rune(e.Title)) > maxTitle || e.Narrative != long+"\n\nla suite" {
		t.Errorf("%q, %q", e.Title, e.Narrative)
	}
}
