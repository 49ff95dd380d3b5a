package runs

import (
	"fmt"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/reports"
)

// The first of a job is kept, another study's run of the same training is another run, and
// every conflict says how results differ.
func TestMerge(t *testing.T) {
	run := func(dir, name, job, evaluation, kernels string, accuracy float64) reports.Run {
		return reports.Run{Dir: dir, Results: reports.Results{Name: name, Job: job, Evaluation: evaluation, Kernels: kernels,
			Accuracy: []reports.Accuracy{{Target: &reports.Score{Accuracy: accuracy}}}}}
	}
	dirs := func(runs []reports.Run) (out []string) {
		for _, r := range runs {
			out = append(out, r.Dir)
		}
		return out
	}
	got, err := merge([]reports.Run{run("a", "x", "1", "e", "go", 0.5), run("b", "x", "1", "e", "go", 0.5), run("c", "y", "1", "e", "go", 0.75), run("d", "x", "2", "e", "go", 0.5)})
	equal(t, "merged", fmt.Sprint(dirs(got), err), "[a c d] <nil>")
	_, err = merge([]reports.Run{run("a", "x", "1", "e", "go", 0.5), run("b", "x", "1", "f", "avx2", 0.25), run("c", "x", "1", "e", "avx2", 0.25), run("d", "x", "1", "e", "go", 0.25)})
	want := []string{"of evaluation f and e", "made by kernels avx2 and go", "the files differ"}
	for i, dir := range []string{"b", "c", "d"} {
		want[i] = fmt.Sprintf("experiments: job 1 of x (seed 0) has other results in %s than in a: %s; leave one of them out", dir, want[i])
	}
	equal(t, "conflicts", err, strings.Join(want, "\n"))
}
