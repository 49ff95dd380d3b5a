package references

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
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

func written(t testing.TB, runs []reports.Run) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, runs); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// What is read is what was written under a name of its own, but for images and scatters; the
// runs that were given stay as they are, and twice they make the same bytes.
func TestReferenceKeepsResults(t *testing.T) {
	runs := reportstest.Fixture(t, []string{"method=dann", "method=se"}, 0, 1)
	for i := range 30 {
		runs[0].Curves[0].Steps, runs[0].Curves[0].Values = append(runs[0].Curves[0].Steps, 1000+i), append(runs[0].Curves[0].Values, float64(i))
	}
	strip := reports.Grid{Name: "strip-a-b", File: "strip.npy", Rows: 3, Columns: 1}
	if err := npy.Write(filepath.Join(runs[1].Dir, strip.File), []int{3, 1, 1, 1, 1}, []float32{-1, 1, 1}); err != nil {
		t.Fatal(err)
	}
	runs[1].Results.Grids = append(runs[1].Results.Grids, strip)
	before, err := json.Marshal(runs)
	if err != nil {
		t.Fatal(err)
	}
	data := written(t, runs)
	if after, _ := json.Marshal(runs); !bytes.Equal(before, after) {
		t.Error("writing changes the runs")
	}
	if !bytes.Equal(data, written(t, runs)) {
		t.Error("the same runs make other bytes")
	}
	path := filepath.Join(t.TempDir(), "mine.json.gz")
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := Read(path)
	if err != nil || len(got) != len(runs) {
		t.Fatalf("%d runs of %d, %v", len(got), len(runs), err)
	}
	for i, r := range got {
		want := runs[i]
		if r.Results.Name != want.Results.Name+" (reference)" || r.Dir != "" || r.Results.Scatter != nil || (len(r.Results.Grids) == 1) != (i == 1) {
			t.Errorf("run %d is %q in %q with %v and %v", i, r.Results.Name, r.Dir, r.Results.Scatter, r.Results.Grids)
		}
		want.Results.Name, want.Results.Scatter, want.Results.Grids = r.Results.Name, nil, nil
		if i == 1 {
			want.Results.Grids = []reports.Grid{strip}
			if _, pixels, err := render.ReadGrid(r, strip); err != nil || !slices.Equal(pixels, []float32{-1, 1, 1}) {
				t.Errorf("the strip is %v, %v", pixels, err)
			}
		}
		a, _ := json.Marshal(r.Results)
		b, _ := json.Marshal(want.Results)
		if !bytes.Equal(a, b) {
			t.Errorf("run %d: results\n%s\nwant\n%s", i, a, b)
		}
		if r.Spec != want.Spec || r.Environment != want.Environment || r.Lock != want.Lock || len(r.Curves) != len(want.Curves) {
			t.Errorf("run %d: other texts or curves", i)
		}
		for k, c := range r.Curves {
			if own := thinned(want.Curves[k]); c.Name != own.Name || !slices.Equal(c.Steps, own.Steps) || !slices.Equal(c.Values, own.Values) {
				t.Errorf("run %d: curve %+v, want %+v", i, c, own)
			}
		}
	}
	if runs[0].Results.Scatter == nil || runs[0].Results.Grids == nil {
		t.Error("the runs of the test have nothing to leave out")
	}
}

// Own runs take the places of the reference's runs of the same jobs, the others come behind them, and all
// have the study's name.
func TestMerge(t *testing.T) {
	run := func(study, job, label string, seconds float64) reports.Run {
		return reports.Run{Seconds: seconds, Results: reports.Results{Name: study, Job: job, Label: label}}
	}
	reference := []reports.Run{run("x (reference)", "1", "method=a", 1), run("x (reference)", "2", "method=b", 2), run("x (reference)", "3", "method=c", 3)}
	all, replaced, err := Merge(reference, []reports.Run{run("x", "4", "method=d", 4), run("x", "2", "method=b", 5)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range all {
		got = append(got, fmt.Sprint(r.Results.Name, r.Results.Job, r.Results.Label, r.Seconds))
	}
	if want := "[x1method=a1 x2method=b5 x3method=c3 x4method=d4]"; fmt.Sprint(got) != want || !slices.Equal(replaced, []string{"method=b seed 0"}) {
		t.Errorf("%v, replaced %q, want %s", got, replaced, want)
	}
	if reference[1].Seconds != 2 || reference[0].Results.Name != "x (reference)" {
		t.Errorf("the reference has changed: %+v", reference)
	}
	if all, _, err = Merge(reference, []reports.Run{run("x", "5", "method=c", 5)}); err != nil || all[2].Results.Label != "method=c job=3" || all[3].Results.Label != "method=c job=5" {
		t.Errorf("another job of one seed: %+v, %v", all, err)
	}
	if _, _, err := Merge(reference, []reports.Run{run("y", "4", "", 0)}); err == nil || err.Error() != "references: runs of y beside a reference of x, want those of one study" {
		t.Errorf("another study: %v", err)
	}
}

// Of 101 points every fourth is kept, ends included, to five digits; short curves are whole.
func TestThinned(t *testing.T) {
	long := reports.Curve{Name: "loss"}
	for i := range 101 {
		long.Steps, long.Values = append(long.Steps, 10*i), append(long.Values, 1.0/3+float64(i))
	}
	got := thinned(long)
	if got.Name != "loss" || len(got.Steps) != 26-1 || got.Steps[0] != 0 || got.Steps[1] != 40 || got.Steps[24] != 1000 || got.Values[0] != 0.33333 || got.Values[1] != 4.3333 || got.Values[24] != 100.33 {
		t.Errorf("%+v", got)
	}
	for n, want := range map[int]int{1: 1, 24: 24, 25: 25, 26: 25, 49: 25} {
		c := reports.Curve{Steps: long.Steps[:n], Values: long.Values[:n]}
		if got := thinned(c); len(got.Steps) != want || got.Steps[want-1] != 10*(n-1) {
			t.Errorf("of %d points: %v, want %d", n, got.Steps, want)
		}
	}
	if got := thinned(reports.Curve{Steps: long.Steps[:25], Values: long.Values[:25]}); !slices.Equal(got.Steps, long.Steps[:25]) {
		t.Errorf("25 points: %v", got.Steps)
	}
	short := reports.Curve{Name: "x", Steps: []int{1, 2}, Values: []float64{3, 4}}
	if got := thinned(short); !slices.Equal(got.Steps, short.Steps) || !slices.Equal(got.Values, short.Values) {
		t.Errorf("%+v", got)
	}
}

func packed(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestReferenceRefuses(t *testing.T) {
	whole := written(t, reportstest.Fixture(t, []string{"x"}, 0))
	for want, data := range map[string][]byte{
		"not a reference file":             []byte("hello, world, this is no archive"),
		"damaged: unexpected EOF":          whole[:len(whole)/2],
		"damaged: invalid character 'h'":   packed(t, "hello"),
		"format 9, want 1":                 packed(t, `{"format": 9}`),
		"it holds no runs":                 packed(t, `{"format": 1, "name": "x"}`),
		`run 0 is of "y", the file of "x"`: packed(t, `{"format": 1, "name": "x", "runs": [{"Results": {"name": "y"}}]}`),
	} {
		if _, err := Parse(data); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
	}
	size := int64(len(`{"format": 1, "name": "x", "runs": [{"Results": {"name": "x"}}]}`))
	just := packed(t, `{"format": 1, "name": "x", "runs": [{"Results": {"name": "x"}}]}`)
	if runs, err := parse(just, size); err != nil || len(runs) != 1 {
		t.Errorf("of just as many bytes: %v", err)
	}
	if _, err := parse(just, size-1); err == nil || err.Error() != fmt.Sprintf("it unpacks to more than %d bytes", size-1) {
		t.Errorf("of one byte more: %v", err)
	}
	if _, err := Read("nowhere"); err == nil || !strings.HasPrefix(err.Error(), `references: no reference "nowhere" and no such file; those that come with the program: `) {
		t.Errorf("a name that there is not: %v", err)
	}
	if err := Write(&bytes.Buffer{}, nil); err == nil {
		t.Error("no runs were written")
	}
	lost := reportstest.Fixture(t, []string{"x"}, 0)
	lost[0].Results.Grids = []reports.Grid{{Name: "strip-a-b", File: "strip.npy", Rows: 3, Columns: 1}}
	if err := Write(&bytes.Buffer{}, lost); err == nil || !strings.HasPrefix(err.Error(), "references: reports: grid strip-a-b: ") {
		t.Errorf("a strip that is not there: %v", err)
	}
	two := reportstest.Fixture(t, []string{"x", "y"}, 0)
	two[1].Results.Name = "another"
	if err := Write(&bytes.Buffer{}, two); err == nil || !strings.Contains(err.Error(), "and of another, want those of one study") {
		t.Errorf("two studies: %v", err)
	}
}

// What comes with the program is whole, of the study that it is named for, and says of each run
// with which program, on what processor and from which spec and data it was made.
func TestShipped(t *testing.T) {
	if got := Names(); !slices.Contains(got, "digits-deep-quick") || !slices.Contains(got, "digits-deep-um") || !slices.Contains(got, "office-caltech-surf") || !slices.Contains(got, "theory") || !slices.IsSorted(got) {
		t.Errorf("names %q", got)
	}
	for _, name := range Names() {
		runs, err := Read(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, r := range reports.Apart(runs) {
			if r.Results.Label != runs[i].Results.Label {
				t.Errorf("%s: %s is taken for other settings: %s", name, runs[i].Results.Label, r.Results.Label)
			}
			var made struct{ Version, Processor string }
			if err := json.Unmarshal([]byte(r.Environment), &made); err != nil || made.Version == "" || made.Processor == "" {
				t.Errorf("%s: %s: environment %+v, %v", name, r.Results.Label, made, err)
			}
			if r.Results.Name != name+" (reference)" || !strings.Contains(r.Spec, "name: "+name) || r.Lock == "" {
				t.Errorf("%s: %s is of %s", name, r.Results.Label, r.Results.Name)
			}
		}
	}
}

// Several references are read one after another; a job that is in two of them would be counted as two seeds.
func TestReadAll(t *testing.T) {
	path := filepath.Join(t.TempDir(), "grown.json.gz")
	if err := os.WriteFile(path, written(t, reportstest.Fixture(t, []string{"x"}, 0)), 0o644); err != nil {
		t.Fatal(err)
	}
	if runs, err := ReadAll([]string{path, "theory"}); err != nil || len(runs) != 22 || runs[0].Results.Name == runs[1].Results.Name {
		t.Errorf("%d runs, %v", len(runs), err)
	}
	other := path + ".json.gz"
	if err := os.Link(path, other); err != nil {
		t.Fatal(err)
	}
	for _, second := range []string{other, path} {
		if _, err := ReadAll([]string{path, second}); err == nil || !strings.HasSuffix(err.Error(), fmt.Sprintf(" seed 0 of fixture is in %s and in %s; leave one of them out", path, second)) {
			t.Errorf("one job in two: %v", err)
		}
	}
	if _, err := ReadAll([]string{"nowhere"}); err == nil {
		t.Error("read what is not there")
	}
}

// Whatever the bytes: an error, or runs of one study.
func FuzzParse(f *testing.F) {
	whole := written(f, reportstest.Fixture(f, []string{"x"}, 0))
	f.Add(whole)
	f.Add(whole[:40])
	f.Add(packed(f, `{"format": 1, "name": "x", "runs": [{"Results": {"name": "x"}}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		runs, err := Parse(data)
		if err == nil && len(runs) == 0 {
			t.Error("no runs and no error")
		}
	})
}
