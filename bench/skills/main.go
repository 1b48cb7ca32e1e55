// Command skills prints how well competences and trades are suggested on
// labelled texts, beside what a plain BM25 reaches in the same run, the floor and
// the aim.
//
// The texts are not part of the project: -data names the folder that has esco,
// rome and skills-extraction. Rules of the measure: the crosswalk of ESCO and
// ROME is not imported; when the text of an occupation is asked, the descriptions
// of the occupations asked are taken out of the book; everything else is what an
// operator's import gives. A figure is a mean over queries; ranks beyond ten
// count for nothing. No set is held out: all were watched while the method was
// made (internal/lib/skills/weights.go).
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"text/tabwriter"
	"time"

	"digiwork/internal/lib/skills"
	"digiwork/internal/lib/taxonomy"
)

func main() {
	data := flag.String("data", "", "folder of the labelled texts and referentials (default: shared/data above the checkout)")
	short := flag.Bool("short", false, "every tenth query only: does it run at all")
	flag.Parse()
	if err := run(*data, *short, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(data string, short bool, out io.Writer) error {
	data, err := find(data)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "bench-skills")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir) //nolint:errcheck // a temporary folder
	b := &bench{data: data, short: short}
	if err := b.load(taxonomy.Shelf{Dir: dir}); err != nil {
		return err
	}
	rows, err := b.measures()
	if err != nil {
		return err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "what\tqueries\tfigure\tours\tplain BM25\tratio\tfloor\taim\t")
	for _, r := range rows {
		beside := "\t\t"
		if r.plain > 0 {
			beside = fmt.Sprintf("%.3f\t%.2f\t", r.plain, r.ours/r.plain)
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%.3f\t%s%s\t%s\t\n", r.what, r.queries, r.figure, r.ours, beside, r.floor, r.aim)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	return b.speed(out)
}

// find is the folder of the data: the one given, else shared/data in a folder above.
func find(data string) (string, error) {
	if data == "" {
		data = os.Getenv("DIGIWORK_TEST_DATA") //nolint:forbidigo // a benchmark, not the program
	}
	if data != "" {
		return data, nil
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		p := filepath.Join(dir, "shared", "data")
		if _, err := os.Stat(filepath.Join(p, "skills-extraction")); err == nil {
			return p, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no shared/data above this folder; name it with -data")
		}
		dir = up
	}
}

// bench holds what is measured.
type bench struct {
	data       string
	short      bool
	esco, rome *taxonomy.Book
	walk       *taxonomy.Book // the labels of some sets are read from it; no engine is
	engine     *skills.Engine
	built      time.Duration
	imported   time.Duration
}

func (b *bench) load(s taxonomy.Shelf) error {
	begin := time.Now()
	if _, err := s.Import(taxonomy.ESCO, "", []string{filepath.Join(b.data, "esco")}); err != nil {
		return err
	}
	b.imported = time.Since(begin)
	for _, scheme := range []taxonomy.Scheme{taxonomy.ROME, taxonomy.RomeESCO} {
		if _, err := s.Import(scheme, "", []string{filepath.Join(b.data, "rome")}); err != nil {
			return err
		}
	}
	var err error
	if b.esco, err = s.Current(taxonomy.ESCO); err != nil {
		return err
	}
	if b.rome, err = s.Current(taxonomy.ROME); err != nil {
		return err
	}
	if b.walk, err = s.Current(taxonomy.RomeESCO); err != nil {
		return err
	}
	begin = time.Now()
	b.engine = skills.Build(b.esco, b.rome)
	b.built = time.Since(begin)
	return nil
}

// speed prints what a page of text costs, and what the engine weighs.
func (b *bench) speed(out io.Writer) error {
	set, err := b.occupationTexts()
	if err != nil {
		return err
	}
	page := ""
	for _, q := range set.queries {
		if page += q.text + "\n"; len(page) > 3000 {
			break
		}
	}
	var times []time.Duration
	for range 21 {
		begin := time.Now()
		b.engine.Suggest(skills.Query{Text: page, Title: "comptable", Lang: "fr"})
		times = append(times, time.Since(begin))
	}
	slices.Sort(times)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	e := b.engine
	b.engine = nil
	runtime.KeepAlive(e)
	e = nil
	runtime.GC()
	runtime.ReadMemStats(&after)
	_, err = fmt.Fprintf(out, "\nESCO imported in %v (limit 30 s); index built in %v, %d MiB (limit 200 MiB); a page of %d bytes in %v (median of %d, limit 20 ms)\n",
		b.imported.Round(time.Millisecond), b.built.Round(time.Millisecond), (before.HeapAlloc-after.HeapAlloc)>>20, len(page), times[len(times)/2].Round(10*time.Microsecond), len(times))
	return err
}
