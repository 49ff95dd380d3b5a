package render

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/text/encoding/charmap"
	"gonum.org/v1/plot/vg/recorder"

	"github.com/venn-adapt/venn/reports"
	_ "github.com/venn-adapt/venn/reports/figures" // those whose text is read back
	"github.com/venn-adapt/venn/reports/reportstest"
)

func TestCodePage1252(t *testing.T) {
	for text, want := range map[string]string{
		"plain": "plain", "é ü ß": "\xe9 \xfc \xdf", "€ – “x” ±": "\x80 \x96 \x93x\x94 \xb1",
		"−1 ≤ a→b": "-1 <= a->b", "σ²": "sigma\xb2", "日": "?", "": "",
	} {
		if got := codePage1252(text); got != want {
			t.Errorf("%q became %q, want %q", text, got, want)
		}
	}
}

// foreign gives the fixture names that a user's folders may have.
func foreign(t *testing.T) []reports.Run {
	runs := reportstest.Fixture(t, []string{"model.α=½ é", "model.α=¾ ß"}, 0, 1)
	for i := range runs {
		r := &runs[i].Results
		r.Classes = []string{"größe–naïve, a class with a longer name than most", "日本 & <b>"}
		r.Domains[0].Dataset, r.Domains[1].Dataset = "visages à lunettes", "smile→“b”"
		for j := range r.Independence {
			r.Independence[j].Of = "common – separate “a” ±σ"
		}
	}
	return runs
}

// texts are the strings that a figure draws.
func texts(f *reports.Figure) []string {
	w, h := Draw(f).Size()
	c := &reportstest.SizedRecorder{W: w, H: h}
	Draw(f).Paint(c)
	var out []string
	for _, a := range c.Actions {
		if s, ok := a.(*recorder.FillString); ok {
			out = append(out, s.String)
		}
	}
	return out
}

// Every string that reaches a PDF comes out of it again as it went in: nothing but
// the characters of stands changes, and those as stands says.
func TestPDFText(t *testing.T) {
	extract, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Skip("pdftotext (poppler-utils) is not installed; it reads the text back out of the figures")
	}
	awkward := foreign(t)
	seen := ""
	for _, info := range reports.Figures.All() {
		runs := awkward
		if info.Name == "ranks" {
			runs = reportstest.Studies() // it takes several tasks
		}
		f, skip, err := info.Build(runs)
		if err != nil || f == nil {
			t.Fatalf("%s: %q, %v", info.Name, skip, err)
		}
		data, err := Draw(f).PDF()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(t.TempDir(), info.Name+".pdf")
		if err := os.WriteFile(path, data, 0o644); err != nil {
			t.Fatal(err)
		}
		got, err := exec.Command(extract, "-raw", "-enc", "UTF-8", path, "-").Output()
		if err != nil {
			t.Fatalf("%s: %v", info.Name, err)
		}
		have := squeezed(string(got))
		for _, s := range texts(f) {
			want, err := charmap.Windows1252.NewDecoder().String(codePage1252(s))
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(have, squeezed(want)) {
				t.Errorf("%s: %q is not in the PDF's text\n%s", info.Name, want, got)
			}
			seen += s
		}
	}
	for _, want := range []string{"größe", "日本", "“b”", "±σ", "½ é"} {
		if !strings.Contains(seen, want) {
			t.Errorf("no figure draws %q: the walk does not see what it should", want)
		}
	}
}

// squeezed drops white space, which a PDF does not keep.
func squeezed(s string) string { return strings.Join(strings.Fields(s), "") }
