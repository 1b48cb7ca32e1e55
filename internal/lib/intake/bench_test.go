package intake

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

func BenchmarkTableOfTenThousandLines(b *testing.B) {
	var text strings.Builder
	text.WriteString("Intitulé;Type;Début;Fin;Organisation;Lieu;Récit\n")
	for i := range 10_000 {
		fmt.Fprintf(&text, "Mission %d;mission;%02d/%02d/2019;en cours;Client %d;Nîmes;Ce que j’ai fait, la fois n° %d\n", i, 1+i%28, 1+i%12, i%97, i)
	}
	benchmark(b, []byte(text.String()), 10_000)
}

func BenchmarkResumeOfHundredEntries(b *testing.B) {
	var text strings.Builder
	text.WriteString(`{"basics":{"name":"Awa"},"work":[`)
	for i := range 100 {
		fmt.Fprintf(&text, `{"name":"Quai %d","position":"Docker","startDate":"2019-03-02","summary":"%s"},`, i, strings.Repeat("travail ", 40))
	}
	benchmark(b, []byte(strings.TrimSuffix(text.String(), ",")+"]}"), 101)
}

func benchmark(b *testing.B, raw []byte, entries int) {
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		r, err := Read(b.Context(), "x", bytes.NewReader(raw), int64(len(raw)), Options{})
		if err != nil || len(r.Entries) != entries {
			b.Fatal(err, len(r.Entries))
		}
	}
}
