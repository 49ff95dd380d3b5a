package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const sample = "internal/mutants/testdata/sample/sample.go "

// runTool runs the command from the root of the repository.
func runTool(t *testing.T, args ...string) (out, log string, err error) {
	t.Helper()
	t.Chdir("../..")
	var o, l bytes.Buffer
	err = run(args, &o, &l)
	return o.String(), l.String(), err
}

// The faults of the sample, as a person has listed them.
func TestList(t *testing.T) {
	out, _, err := runTool(t, "-list", "./internal/mutants/testdata/sample")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Gap: gap = p.target - p.source -> nothing",
		"Gap: p.target - p.source -> p.target + p.source",
		"Gap: p.target -> p.source in p.target - p.source",
		"Gap: p.source -> p.target in p.target - p.source",
		"Gap: return gap -> return zero",
		"Gap: gap > most -> gap >= most",
		"Gap: gap > most -> gap <= most",
		"Gap: most -> another constant",
		"Mean: len(values) == 0 -> len(values) != 0",
		"Mean: 0 -> another constant",
		"Mean: return errors.New(\"no values\") -> return zero",
		"Mean: 0 -> another constant #2",
		"Mean: sum += v -> nothing",
		"Mean: return sum / float64(len(values)) -> return zero",
		"Mean: sum / float64(len(values)) -> sum * float64(len(values))",
		"Untested: ok && a < b -> ok || a < b",
		"Untested: a < b -> a <= b",
		"Untested: a < b -> a >= b",
		"Untested: a -> b in a < b",
		"Untested: b -> a in a < b",
		"Untested: return math.Max(a, -b) -> return zero",
		"Untested: math.Max(a, -b) -> math.Min",
		"Untested: a -> b in math.Max(a, -b)",
		"Untested: -b -> b",
		"Untested: b -> a",
		"Untested: return float64(1 - side) -> return zero",
		"Untested: 1 - side -> side",
	}
	got := strings.Split(strings.TrimSpace(out), "\n")
	for i := range got {
		got[i] = strings.TrimPrefix(got[i], sample)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

// The tests of the sample notice every fault of Gap, none of what Mean does without values
// and nothing of Untested.
func TestSurvivors(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles and runs the tests of a package under every fault")
	}
	out, log, err := runTool(t, "-tests", "./internal/mutants/testdata/sample", "-least", "0.5", "./internal/mutants/testdata/sample")
	if err == nil || !strings.Contains(err.Error(), "of the seeded faults were caught, want 0.500") {
		t.Errorf("error %v; log:\n%s", err, log)
	}
	for _, survivor := range []string{
		"Mean: 0 -> another constant #2", "Mean: return errors.New(\"no values\") -> return zero (no test reaches it)", "Untested: -b -> b (no test reaches it)", "Untested: 1 - side -> side (no test reaches it)",
	} {
		if !strings.Contains(out, sample+survivor) {
			t.Errorf("%s is not among\n%s", survivor, out)
		}
	}
	for _, caught := range []string{" Gap: ", "Mean: sum", "Mean: return sum"} {
		if strings.Contains(out, caught) {
			t.Errorf("%q is among the survivors:\n%s", caught, out)
		}
	}
	if !strings.Contains(out, "12 of    27 caught, 0.444") {
		t.Errorf("the count is not 12 of 27:\n%s", out)
	}
}

// A sample is the same for one seed, another for another, and leaves the rest alone.
func TestChoose(t *testing.T) {
	var all []Mutant
	for i := range 40 {
		all = append(all, Mutant{ID: i + 1, File: []string{"a/x.go", "b/y.go"}[i%2], Change: strings.Repeat("c", i)})
	}
	o := options{sample: 5, match: everything}
	first, known := choose(all, o, map[string]string{all[0].Key(): "it changes nothing"})
	second, _ := choose(all, o, nil)
	if len(first) != 10 || known != 1 || len(second) != 10 {
		t.Fatalf("%d and %d of 40, %d known", len(first), len(second), known)
	}
	o.seed = 1
	other, _ := choose(all, o, nil)
	if slices.Equal(other, second) {
		t.Error("two seeds draw the same")
	}
	if !slices.IsSortedFunc(first, func(x, y Mutant) int { return x.ID - y.ID }) {
		t.Error("not in order")
	}
}

// Equivalents that the code has outgrown are named, also those of a file that is gone; those
// of files that were not seeded are not.
func TestStale(t *testing.T) {
	root := t.TempDir()
	if err := os.WriteFile(filepath.Join(root, "y.go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	all := []Mutant{{File: "x.go", Function: "f", Change: "a -> b"}}
	got := stale(root, all, map[string]string{"x.go f: a -> b": "r", "x.go f: a -> c": "r", "y.go f: a -> c": "r", "z.go f: a -> c": "r"})
	if !slices.Equal(got, []string{"x.go f: a -> c", "z.go f: a -> c"}) {
		t.Errorf("%q", got)
	}
}

func TestEquivalent(t *testing.T) {
	path := filepath.Join(t.TempDir(), "e.txt")
	write := func(text string) {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("# a comment\n\nx.go f: i-- -> nothing -- it is not used again\n")
	got, err := readEquivalent(path)
	if err != nil || len(got) != 1 || got["x.go f: i-- -> nothing"] != "it is not used again" {
		t.Errorf("%v, %v", got, err)
	}
	write("x.go f: a -> b --  \n")
	if _, err := readEquivalent(path); err == nil || !strings.Contains(err.Error(), "e.txt:1: no reason") {
		t.Errorf("no reason: %v", err)
	}
}
