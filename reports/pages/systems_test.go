package pages

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
	"github.com/venn-adapt/venn/reports/reportstest"
)

// tiles are grey images of 2 x 1 pixels, each of which has its level above and nought below.
func tiles(levels ...float32) (out []float32) {
	for _, v := range levels {
		out = append(out, v/16, 0)
	}
	return out
}

// stripped is a run of a system with strips of two columns: by their name, the levels of its three
// rows.
func stripped(t *testing.T, name string, seed uint64, strips map[string][]float32) reports.Run {
	t.Helper()
	run := reports.Run{Dir: t.TempDir(), Results: reports.Results{Name: "rivals", Label: "method=" + name, Method: name, Seed: seed, Job: "job-of-" + name, System: &reports.System{}}}
	for _, strip := range []string{"translate-a-b", "strip-b-a", "strip-a-b"} {
		levels := strips[strip]
		if levels == nil {
			continue
		}
		g := reports.Grid{Name: strip, Title: "Title of " + strip, File: strip + ".npy", Rows: len(levels) / 2, Columns: 2}
		if err := npy.Write(filepath.Join(run.Dir, g.File), []int{g.Rows, 2, 1, 2, 1}, tiles(levels...)); err != nil {
			t.Fatal(err)
		}
		run.Results.Grids = append(run.Results.Grids, g)
	}
	return run
}

// One picture a strip: the contents and the guides of the first system, and below them what each
// system of the same pairs made in its first run. The others are named with what is wrong with them,
// and no strip is drawn alone.
func TestSystemsPictures(t *testing.T) {
	first := stripped(t, "first", 4, map[string][]float32{"translate-a-b": {1, 2}, "strip-a-b": {1, 2, 3, 4, 5, 6}, "strip-b-a": {-1, -2, -3, -4, -5, -6}})
	first.Results.System.Capabilities = []reports.Capability{{Name: "guided a->b"}, {Name: "guided b->a", Can: true}}
	again := stripped(t, "first", 5, map[string][]float32{"strip-a-b": {9, 9, 9, 9, 9, 9}})
	second := stripped(t, "second", 4, map[string][]float32{"strip-a-b": {1, 2, 3, 4, 7, 8}, "strip-b-a": {-1, -2, -3, 4, -7, -8}})
	second.Results.System.Capabilities = []reports.Capability{{Name: "guided a->b", Can: true}, {Name: "guided b->a"}}
	other := stripped(t, "other", 4, map[string][]float32{"strip-a-b": {1, 1, 3, 4, 10, 11}})
	short := stripped(t, "short", 4, map[string][]float32{"strip-a-b": {1, 2, 3, 4}, "strip-b-a": {-1, -2, -3, -4, 12, 13}})
	last := stripped(t, "last", 4, map[string][]float32{"strip-a-b": {1, 2, 3, 4, 14, 15}})
	large := stripped(t, "large", 4, map[string][]float32{"strip-a-b": {1, 2, 3, 4, 14, 15}})
	if err := npy.Write(filepath.Join(large.Dir, "strip-a-b.npy"), []int{3, 2, 1, 1, 2}, tiles(1, 2, 3, 4, 14, 15)); err != nil {
		t.Fatal(err)
	}
	wide := stripped(t, "wide", 4, map[string][]float32{"strip-a-b": {1, 2, 3, 4, 5, 6}})
	wide.Results.Grids[0].Columns = 3
	if err := npy.Write(filepath.Join(wide.Dir, "strip-a-b.npy"), []int{3, 3, 1, 2, 1}, tiles(1, 2, 3, 4, 5, 6, 7, 8, 9)); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	b, err := Write(dir, []reports.Run{first, {Results: reports.Results{Name: "rivals", Label: "method=judge", Method: "judge"}}, again, second, other, short, last, large, wide}, []string{"html", "png", "svg"})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]byte{}
	for name, levels := range map[string][]float32{"systems-a-b": {1, 2, 3, 4, 5, 6, 7, 8, 14, 15}, "systems-b-a": {-1, -2, -3, -4, -5, -6, 12, 13}} {
		labels := []string{"content", "guide", "first", "second", "last"}
		if name == "systems-b-a" {
			labels = []string{"content", "guide", "first", "short"}
		}
		drawn, err := render.DrawImages(reports.Grid{Rows: len(levels) / 2, Columns: 2, RowLabels: labels}, 1, 2, 1, tiles(levels...))
		if err != nil {
			t.Fatal(err)
		}
		if want[name], err = drawn.PNG(); err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, "figures", name+".png"))
		if err != nil || !bytes.Equal(got, want[name]) {
			t.Errorf("%s is another picture (%v)", name, err)
		}
	}
	for _, r := range []*reports.Run{&first, &last} { // of a reference
		r.Pictures = map[string][]byte{}
		for _, g := range r.Results.Grids {
			if r.Pictures[g.Name], err = render.PackGrid(*r, g); err != nil {
				t.Fatal(err)
			}
		}
		r.Dir = ""
	}
	mixed := t.TempDir()
	if _, err := Write(mixed, []reports.Run{first, second, last}, []string{"png"}); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(mixed, "figures", "systems-a-b.png")); err != nil || !bytes.Equal(got, want["systems-a-b"]) {
		t.Errorf("with strips of a reference it is another picture (%v)", err)
	}
	var pictures []string
	for _, f := range b.Files {
		if strings.HasSuffix(f, ".png") || strings.HasSuffix(f, ".svg") {
			pictures = append(pictures, f)
		}
	}
	if !slices.Equal(pictures, []string{"figures/systems-a-b.png", "figures/systems-a-b.svg", "figures/systems-b-a.png", "figures/systems-b-a.svg", "figures/translate-a-b.png", "figures/translate-a-b.svg"}) {
		t.Errorf("pictures %q", pictures)
	}
	var left []string
	for _, s := range b.Skipped {
		if strings.HasPrefix(s, "picture ") {
			left = append(left, s)
		}
	}
	for i, want := range []string{"b-a: without second: its contents or guides are not those of first", "b-a: without other: it has no such translations", "b-a: without last: it has no such translations", "b-a: without large: it has no such translations", "b-a: without wide: it has no such translations",
		"a-b: without other: its contents or guides are not those of first", "a-b: without short: its strip has 2 rows, want 3", "a-b: without large: its contents or guides are not those of first", "a-b: without wide: its contents or guides are not those of first"} {
		if len(left) != 9 || left[i] != "picture systems-"+want {
			t.Errorf("left out %q, want %q in place %d of 9", left, want, i)
			break
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "index.html"))
	if err != nil {
		t.Fatal(err)
	}
	page, at := string(data), 0
	for _, p := range []struct{ name, title, caption string }{
		{"systems-b-a", "Title of strip-b-a, by system", "A column a pair: the content, the guide, and what each system makes of them. By row: job job-of-first, method=first seed 4; job job-of-short, method=short seed 4."},
		{"systems-a-b", "Title of strip-a-b, by system", "A column a pair: the content, the guide, and what each system makes of them. Without a look at the guide: first. By row: job job-of-first, method=first seed 4; job job-of-second, method=second seed 4; job job-of-last, method=last seed 4."},
		{"translate-a-b", "Title of translate-a-b", " Job job-of-first, method=first seed 4."},
	} {
		next := strings.Index(page, `<figure id="grid-`+p.name+`">`)
		if next <= at {
			t.Fatalf("picture %s stands at %d, the one before at %d", p.name, next, at)
		}
		at = next
		reportstest.Equal(t, "title", between(t, page[next:], "<h3>", "</h3>"), p.title)
		reportstest.Equal(t, "caption", between(t, page[next:], "<figcaption>", "</figcaption>"), p.caption)
		if want[p.name] != nil {
			wantPicture(t, page[next:], want[p.name], "image/png")
		}
	}
	if strings.Contains(page, "grid-strip") {
		t.Error("a strip stands alone")
	}
}

// One system has no picture, nor have two of which one has other pairs; a strip that is damaged is
// an error.
func TestSystemsWithoutPictures(t *testing.T) {
	x, y := stripped(t, "x", 0, map[string][]float32{"strip-a-b": {1, 2, 3, 4, 5, 6}}), stripped(t, "y", 0, map[string][]float32{"strip-a-b": {1, 2, 3, 0, 5, 6}})
	for _, tt := range []struct {
		runs []reports.Run
		want string
	}{
		{[]reports.Run{x, x}, "[picture systems-a-b: 1 systems that make images, want 2 to compare]"},
		{[]reports.Run{x, y}, "[picture systems-a-b: without y: its contents or guides are not those of x picture systems-a-b: 1 systems have translations of the same pairs, want 2]"},
		{[]reports.Run{{}}, "[]"},
	} {
		b := &bundle{Bundle: Bundle{Dir: t.TempDir()}, wanted: []string{"png"}}
		p := &page{}
		if err := b.systems(tt.runs, p); err != nil || len(p.Grids) != 0 || len(b.Files) != 0 || fmt.Sprint(b.Skipped) != tt.want {
			t.Errorf("%d pictures, %q, skipped %q, %v; want %q", len(p.Grids), b.Files, b.Skipped, err, tt.want)
		}
	}
	if err := os.Remove(filepath.Join(y.Dir, "strip-a-b.npy")); err != nil {
		t.Fatal(err)
	}
	if _, err := Write(t.TempDir(), []reports.Run{x, y}, []string{"png"}); err == nil || !strings.Contains(err.Error(), "grid strip-a-b: ") {
		t.Errorf("a missing strip: %v", err)
	}
}
