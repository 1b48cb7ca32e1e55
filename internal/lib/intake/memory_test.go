//go:build linux

package intake

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"digiwork/internal/testkit/shared"
)

// fileToRead names the file the child process of TestMemoryStaysBounded reads.
const fileToRead = "INTAKE_TEST_FILE"

// TestMain reads one file and leaves when it is asked to: a process of its own,
// whose greatest size the system tells.
func TestMain(m *testing.M) {
	name := os.Getenv(fileToRead)
	if name == "" {
		os.Exit(m.Run())
	}
	f, err := os.Open(name)
	if err != nil {
		panic(err)
	}
	info, err := f.Stat()
	if err != nil {
		panic(err)
	}
	r, err := Read(context.Background(), name, f, info.Size(), Options{})
	if err != nil {
		panic(err)
	}
	fmt.Println(greatest(), len(r.Entries), len(r.Skipped), first3(r.Skipped))
	os.Exit(0)
}

// greatest is the most memory this process has held, in KiB.
func greatest() int {
	raw, err := os.ReadFile("/proc/self/status")
	if err != nil {
		panic(err)
	}
	_, after, _ := strings.Cut(string(raw), "VmHWM:")
	var kib int
	if _, err := fmt.Sscan(after, &kib); err != nil {
		panic(err)
	}
	return kib
}

// hostile makes files as large as a file may be, each of them built to take more
// memory than its size.
func hostile(t *testing.T) map[string]func() []byte {
	fill := func(head, unit, tail string) func() []byte {
		return func() []byte {
			n := (MaxFile - len(head) - len(tail)) / len(unit)
			return []byte(head + strings.Repeat(unit, n) + tail)
		}
	}
	book := func(part, head, unit, tail string) func() []byte {
		return func() []byte {
			n := (MaxFile - 4096) / len(unit)
			return storedZip(t,
				"xl/workbook.xml", `<workbook xmlns:r="r"><sheets><sheet name="a" r:id="r1"/></sheets></workbook>`,
				"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="r1" Target="worksheets/sheet1.xml"/></Relationships>`,
				part, head+strings.Repeat(unit, n)+tail)
		}
	}
	return map[string]func() []byte{
		"json-numbers":   fill(`{"work":[{"x":[`, `1,`, `1]}]}`),
		"json-objects":   fill(`{"basics":{},"work":[`, `{},`, `{}]}`),
		"json-entries":   fill(`{"basics":{},"work":[`, `{"position":"`+strings.Repeat("a", 180)+`","startDate":"2019","name":"x"},`, `{}]}`),
		"json-text":      fill(`{"basics":{"name":"`, `é`, `"}}`),
		"json-deep":      fill(``, `[`, ``),
		"csv-commas":     fill("a,b\n", ",", "\n"),
		"csv-quotes":     fill("Activité;Début\n", `"`, "\n"),
		"csv-open":       fill("Activité;Début\n\"", "abc;d\n", "\n"),
		"csv-entries":    func() []byte { return manyEntries() },
		"csv-bad-dates":  fill("Activité;Début\n", "a;b\n", ""),
		"csv-one-line":   fill("", "é", ""),
		"csv-windows":    fill("Activit\xe9;D\xe9but\n", "\xe9\x80;2019\n", ""),
		"csv-utf16":      func() []byte { return utf16le("Activité;Début\n" + strings.Repeat("é;2019\n", 1<<20)) },
		"xml-elements":   fill("<Candidate>", "<a/>", "</Candidate>"),
		"xml-attributes": fill("<Candidate ", `a="" `, "/>"),
		"xml-text":       fill("<Candidate>", "é", "</Candidate>"),
		"xml-comment":    fill("<Candidate><!--", "é", "--></Candidate>"),
		"svg-text":       fill("<svg>", "<a>é</a>", "</svg>"),
		"ics-lines":      fill("BEGIN:VCALENDAR\nBEGIN:VEVENT\n", "X:1\n", "END:VEVENT\n"),
		"ics-folded":     fill("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:a", "\n b", "\nEND:VEVENT\n"),
		"ics-params":     fill("BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY", ";a=b", ":x\nEND:VEVENT\n"),
		"ics-bad":        fill("BEGIN:VCALENDAR\n", "a\n", ""),
		"vcf-cards":      fill("", "BEGIN:VCARD\nFN:a\nEND:VCARD\n", ""),
		"vcf-printable":  fill("BEGIN:VCARD\nNOTE;ENCODING=QUOTED-PRINTABLE:a", "=\nb", "\nEND:VCARD\n"),
		"zip-directory":  func() []byte { return forgedDirectory(t, MaxFile/48) },
		"zip-zeros":      func() []byte { return zipOf(t, "a.csv", strings.Repeat("\x00", 200<<20)) },
		"xlsx-row":       book("xl/worksheets/sheet1.xml", "<worksheet><row>", "<c><v>1</v></c>", "</row></worksheet>"),
		"xlsx-rows":      book("xl/worksheets/sheet1.xml", "<worksheet>", "<row><c r='XFD1'><v>1</v></c></row>", "</worksheet>"),
		"xlsx-entries": book("xl/worksheets/sheet1.xml", "<worksheet><row><c t='str'><v>Activité</v></c><c t='str'><v>Début</v></c></row>",
			"<row><c t='str'><v>Tri</v></c><c><v>2019</v></c></row>", "</worksheet>"),
		"xlsx-texts": book("xl/sharedStrings.xml", "<sst>", "<si><t>a</t></si>", "</sst>"),
		"xlsx-long":  book("xl/sharedStrings.xml", "<sst>", "<si><t>"+strings.Repeat("a", 400)+"</t></si>", "</sst>"),
		"png":        func() []byte { return shared.Read(t, "robustness/generated/png-bomb-12000x12000.png") },
	}
}

func manyEntries() []byte {
	var b strings.Builder
	b.WriteString("Activité;Début;Récit;Outils;Étiquettes\n")
	for i := 0; b.Len() < MaxFile-2000; i++ {
		fmt.Fprintf(&b, "Fois %d;2019;%s;%s;%s\n", i, strings.Repeat("mot ", 200), strings.Repeat("outil,", 50), strings.Repeat("é,", 50))
	}
	return []byte(b.String())
}

// forgedDirectory is an archive of one file whose directory repeats it.
func forgedDirectory(t testing.TB, times int) []byte {
	t.Helper()
	one := zipOf(t, "a", "")
	dir, end := bytes.Index(one, []byte("PK\x01\x02")), bytes.Index(one, []byte("PK\x05\x06"))
	forged := append(bytes.Clone(one[:dir]), bytes.Repeat(one[dir:end], times)...)
	return append(forged, one[end:]...)
}

// storedZip is an archive whose files are not packed.
func storedZip(t testing.TB, files ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(files); i += 2 {
		f, err := w.CreateHeader(&zip.FileHeader{Name: files[i]})
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

func TestMemoryStaysBounded(t *testing.T) {
	if testing.Short() {
		t.Skip("thirty files of 25 MiB")
	}
	const most = 256 << 10 // KiB
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, content := range hostile(t) {
		file, raw := filepath.Join(dir, name), content()
		if err := os.WriteFile(file, raw[:min(len(raw), MaxFile)], 0o600); err != nil {
			t.Fatal(err)
		}
		child := exec.CommandContext(t.Context(), self) //nolint:gosec // this very test
		child.Env = append(os.Environ(), fileToRead+"="+file)
		out, err := child.CombinedOutput()
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out[:min(len(out), 2000)])
		}
		var kib int
		if _, err := fmt.Sscan(string(out), &kib); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		t.Logf("%-15s %4d MiB, %5d ms: %.120s", name, kib>>10, child.ProcessState.UserTime().Milliseconds(), out)
		if kib > most {
			t.Errorf("%s took %d MiB", name, kib>>10)
		}
		if err := os.Remove(file); err != nil {
			t.Fatal(err)
		}
	}
}
