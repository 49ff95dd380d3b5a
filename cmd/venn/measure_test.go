package main

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// arraysOf writes dependent pairs, a shifted sample, blocks of code and factors.
func arraysOf(t *testing.T) {
	t.Helper()
	r := stream.New(1, "measure")
	var x, y, shifted []float32
	codes, factors := "", "identity,glasses\n"
	for range 120 {
		u, v := r.NormFloat64(), r.NormFloat64()
		x = append(x, float32(u), float32(v))
		y = append(y, float32(u+r.NormFloat64()/2))
		shifted = append(shifted, float32(r.NormFloat64()+2), float32(r.NormFloat64()))
		identity, glasses := r.IntN(3), r.IntN(2)
		codes += fmt.Sprintf("%g,%g,%g\n", float64(identity)+0.1*r.NormFloat64(), r.NormFloat64(), float64(glasses)+0.1*r.NormFloat64())
		factors += fmt.Sprintf("%d,%d\n", identity, glasses)
	}
	for name, data := range map[string][]float32{"x.npy": x, "y.npy": y, "shifted.npy": shifted} {
		if err := npy.Write(name, []int{120, len(data) / 120}, data); err != nil {
			t.Fatal(err)
		}
	}
	write(t, "codes.csv", codes)
	write(t, "factors.csv", factors)
	write(t, "short.csv", "1\n2\n3\n")
	write(t, "small.csv", "1,2\n3,4\n0,5\n")
	write(t, "huge.csv", "1e60,2e60\n-1e60,1e60\n5e60,0\n")
	write(t, "vast.csv", "1,2\n3,-1e200\n5,0\n")
	write(t, "word.csv", "1\ntwo\n")
	write(t, "hole.csv", strings.Repeat("1,2\n", 119)+"NaN,2\n")
}

func TestMeasure(t *testing.T) {
	sandbox(t)
	arraysOf(t)
	code, text, stderr := venn("measure", "independence", "x.npy", "y.npy", "--permutations", "199")
	for _, want := range []string{"hsic ", "dcor-u ", "<= 0.005", "permutation, 199", "120"} {
		if code != exitOK || stderr != "" || !strings.Contains(text, want) {
			t.Errorf("independence: exit %d, %q, want %q in\n%s", code, stderr, want, text)
		}
	}
	code, again, _ := venn("measure", "independence", "x.npy", "y.npy", "--permutations", "199", "--threads", "1")
	if code != exitOK || again != text {
		t.Errorf("the same command prints\n%s\nand\n%s", text, again)
	}
	code, text, _ = venn("measure", "discrepancy", "x.npy", "shifted.npy", "--json", "--intervals", "40", "--tests", "mmd2-unbiased,frechet", "--times")
	var out struct {
		Rows    [2]int
		Results []metrics.Result
		Holm    []*float64
		Seconds []float64
	}
	if err := json.Unmarshal([]byte(text), &out); err != nil || code != exitOK || len(out.Results) != 2 || len(out.Seconds) != 2 || out.Rows != [2]int{120, 120} {
		t.Fatalf("discrepancy: exit %d, %v\n%s", code, err, text)
	}
	for i, r := range out.Results {
		if r.P == nil || *r.P > 0.002 || !(math.Abs(*out.Holm[i]-2**r.P) <= 1e-12) || len(r.Interval) != 2 || !(r.Interval[0] < r.Value && r.Value < r.Interval[1]) {
			t.Errorf("discrepancy: %+v, Holm %v", r, *out.Holm[i])
		}
	}
	code, text, _ = venn("measure", "disentanglement", "codes.csv", "factors.csv", "--blocks", "common=0:2,separate=2:3", "--permutations", "99")
	for _, want := range []string{"mig ", "common    glasses", "separate  glasses", "completeness"} {
		if code != exitOK || !strings.Contains(text, want) {
			t.Errorf("disentanglement: exit %d, want %q in\n%s", code, want, text)
		}
	}
}

func TestMeasureFaults(t *testing.T) {
	sandbox(t)
	arraysOf(t)
	for _, tt := range []struct {
		args string
		code int
		want string
	}{
		{"independence x.npy", exitUsage, "venn: independence: 1 arguments, want two files"},
		{"independance x.npy y.npy", exitUsage, `venn: measure: unknown kind "independance"; did you mean "independence"?`},
		{"independence x.npy y.npy --tests hsci", exitUsage, `venn: --tests: no independence measure "hsci"; did you mean "hsic"?`},
		{"independence x.npy y.npy --tests mmd2", exitUsage, `venn: --tests: no independence measure "mmd2"`},
		{"independence x.npy short.csv", exitFailed, "venn: metrics: hsic: 120 rows in x, 3 in y, want pairs"},
		{"independence x.npy nowhere.npy", exitFailed, "venn: open nowhere.npy: no such file or directory"},
		{"independence x.npy word.csv", exitDamaged, `venn: word.csv: line 2, column 1: "two", want a number`},
		{"independence x.npy hole.csv", exitFailed, "venn: metrics: hsic: y: row 119, column 0 is NaN, want a finite number"},
		{"independence x.npy y.npy --rows 40 --tests hsic,mine", exitFailed, "venn: metrics: mine: 40 rows, want at least 50"},
		{"independence x.npy hole.csv --tests all", exitFailed, "venn: none of 38 independence measures applies; the first: metrics: cca: y: row 119, column 0 is NaN, want a finite number"},
		{"discrepancy small.csv huge.csv --tests kid --json", exitFailed, "venn: metrics: kid: the value is NaN, want a finite number: the features are too large, scale them"},
		{"discrepancy small.csv vast.csv --tests frechet", exitFailed, "venn: metrics: frechet: y: row 1, column 1 is -1e+200, want at most 1e+150: scale the features"},
		{"independence x.npy y.npy --intervals 3", exitUsage, "venn: measure: --permutations 999, --rows 0, --intervals 3: want numbers from 0, and for intervals 0 or at least 40"},
		{"disentanglement codes.csv factors.csv --blocks all=0:9", exitUsage, `venn: --blocks: "all=0:9", want name=first:last+1 within the 3 columns`},
		{"disentanglement codes.csv codes.csv", exitFailed, "want a whole number"},
	} {
		code, stdout, stderr := venn(append([]string{"measure"}, strings.Fields(tt.args)...)...)
		if code != tt.code || !strings.HasPrefix(stderr, "venn: ") || !strings.Contains(stderr, tt.want) || strings.Count(stderr, "\n") != 1 || stdout != "" {
			t.Errorf("measure %s: exit %d, %q, %q; want %d, %q", tt.args, code, stdout, stderr, tt.code, tt.want)
		}
	}
}

// Forty rows are too few for the five neural bounds, which want 50: all others are given.
func TestMeasureEveryOne(t *testing.T) {
	sandbox(t)
	arraysOf(t)
	fewer := []string{"club", "infonce", "mine", "nwj", "smile"}
	args := []string{"measure", "independence", "x.npy", "y.npy", "--rows", "40", "--permutations", "19", "--tests", "all", "--json", "--times"}
	code, text, stderr := venn(args...)
	var out struct {
		Results []metrics.Result
		Holm    []*float64
		Seconds []float64
		LeftOut []leftOut `json:"left_out"`
	}
	if err := json.Unmarshal([]byte(text), &out); err != nil || code != exitOK {
		t.Fatalf("exit %d, %v, %s", code, err, stderr)
	}
	var want []string
	for _, d := range metrics.Measures.All() {
		if d.Kind == metrics.Independence && d.Compute != nil && !d.Labels && !slices.Contains(fewer, d.Name) {
			want = append(want, d.Name)
		}
	}
	var got []string
	for _, r := range out.Results {
		got = append(got, r.Name)
	}
	if len(want) < 30 || !slices.Equal(got, want) || len(out.Holm) != len(want) || len(out.Seconds) != len(want) {
		t.Errorf("results of %v, %d Holm, %d seconds; want %v", got, len(out.Holm), len(out.Seconds), want)
	}
	lines := ""
	for i, l := range out.LeftOut {
		if i >= len(fewer) || l.Name != fewer[i] || l.Reason != "metrics: "+fewer[i]+": 40 rows, want at least 50" {
			t.Errorf("left out: %+v", l)
		}
		lines += "venn: left out: " + l.Name + ": 40 rows, want at least 50\n"
	}
	if len(out.LeftOut) != len(fewer) || stderr != lines {
		t.Errorf("%d left out, stderr %q, want %q", len(out.LeftOut), stderr, lines)
	}
	code, text, stderr = venn(args[:10]...)
	if code != exitOK || !strings.Contains(text, "hsic ") || !strings.HasPrefix(stderr, lines) {
		t.Errorf("as a table: exit %d, stderr %q", code, stderr)
	}
	// A call that names its measures wants each of them; with nothing left out nothing is said of it.
	if _, text, _ := venn("measure", "independence", "x.npy", "y.npy", "--tests", "cca", "--json"); strings.Contains(text, "left_out") {
		t.Errorf("nothing is left out of\n%s", text)
	}
}

// What overflows in one measure is left out by its name, and the others are given.
func TestMeasureLeavesOutWhatOverflows(t *testing.T) {
	sandbox(t)
	arraysOf(t)
	code, text, stderr := venn("measure", "discrepancy", "small.csv", "huge.csv", "--tests", "all", "--permutations", "0", "--json")
	if want := "venn: left out: kid: the value is NaN, want a finite number: the features are too large, scale them\n"; code != exitOK || !strings.Contains(stderr, want) ||
		!strings.Contains(text, `"energy"`) {
		t.Errorf("exit %d, %q, want %q in it\n%s", code, stderr, want, text)
	}
}
