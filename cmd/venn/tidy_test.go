package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/atomicfile"
	"github.com/venn-adapt/venn/reports"
)

// The tidy table of a command is that of the bundle.
func TestReportTidy(t *testing.T) {
	sandbox(t)
	run := func(args ...string) (int, string, string) {
		var out, err bytes.Buffer
		code := newApp(bytes.NewReader(nil), &out, &err).execute(args)
		return code, out.String(), err.String()
	}
	ran(t, "runs", "x", 0.5)
	if code, _, stderr := run("report", "runs", "-o", "bundle"); code != exitOK {
		t.Fatal(stderr)
	}
	for _, form := range []string{"tidy.csv", "tidy.parquet"} {
		code, stdout, stderr := run("report", "runs", "--tidy", form)
		if want := form + ": 2 rows of 1 runs\n"; code != exitOK || stdout != want || stderr != "" {
			t.Errorf("exit %d, %q, %q; want %q", code, stdout, stderr, want)
		}
		got, err := os.ReadFile(form)
		want, also := os.ReadFile(filepath.Join("bundle", form))
		if err != nil || also != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not that of the bundle: %v %v", form, err, also)
		}
	}
	code, stdout, stderr := run("report", "runs", "--tidy", "tidy.xlsx")
	if want := "venn: report: --tidy: tidy.xlsx, want a file that ends in .csv or .parquet\n"; code != exitUsage || stdout != "" || stderr != want {
		t.Errorf("exit %d, %q, %q; want %q", code, stdout, stderr, want)
	}
}

// Runs of several folders are reported as one study: those that lie in two once, and results
// that are not the same are named with both folders.
func TestReportOfSeveralFolders(t *testing.T) {
	sandbox(t)
	here := ran(t, "here", "x", 0.5)
	if err := os.CopyFS("copy", os.DirFS("here")); err != nil {
		t.Fatal(err)
	}
	there := ran(t, "there", "x", 0.75)
	ran(t, "other", "y", 0.75)
	report := func(args ...string) (int, string) {
		var out, err bytes.Buffer
		code := newApp(bytes.NewReader(nil), &out, &err).execute(append([]string{"report", "-o", "bundle"}, args...))
		return code, err.String()
	}
	if code, stderr := report("here", "copy", "other"); code != exitOK || strings.Contains(stderr, "here") || strings.Contains(stderr, "copy") {
		t.Errorf("exit %d, %s", code, stderr)
	}
	text, err := os.ReadFile(filepath.Join("bundle", "tidy.csv"))
	if n := bytes.Count(text, []byte("\n")); err != nil || n != 5 { // a heading and two rows of each of two jobs
		t.Errorf("%d lines, %v\n%s", n, err, text)
	}
	want := "venn: experiments: job " + filepath.Base(here) + " of x (seed 0) has other results in " + there + " than in " + here + ": the files differ; leave one of them out\n"
	if code, stderr := report("here", "there", "copy"); code != exitFailed || stderr != want {
		t.Errorf("exit %d\n got %swant %s", code, stderr, want)
	}
}

// ran makes the finished run of a study below a folder, with an accuracy.
func ran(t *testing.T, folder, name string, accuracy float64) string {
	t.Helper()
	plan, err := spec.NewPlan(spec.Request{Source: "toy.yaml", Text: []byte(toySpec), Overrides: []string{"name=" + name, "report.formats=[md]"}})
	if err != nil {
		t.Fatal(err)
	}
	out := runs.Run(context.Background(), plan, runs.RunOptions{Runs: folder, Job: func(_ context.Context, j spec.Job, dir *runs.RunDir, _ runs.Progress) error {
		return errors.Join(atomicfile.WriteBytes(dir.File("data.lock.json"), []byte("{}")),
			atomicfile.WriteJSON(dir.File("results.json"), reports.Results{Format: 1, Name: name, Job: j.ID, Evaluation: j.Evaluation, Method: "didd",
				Accuracy: []reports.Accuracy{{Row: "common", Classifier: "knn", Target: &reports.Score{Accuracy: accuracy, Balanced: accuracy, N: 8}}}}))
	}})
	if out[0].Err != nil {
		t.Fatal(out[0].Err)
	}
	return out[0].Dir
}
