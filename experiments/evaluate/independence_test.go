package evaluate

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// bareJob is a job with nothing but a log and empty results.
func bareJob() (*Subject, *bytes.Buffer) {
	var log bytes.Buffer
	return &Subject{Context: context.Background(), Spec: &spec.Spec{}, Dir: &runs.RunDir{Log: slog.New(slog.NewTextHandler(&log, nil))}, Results: &reports.Results{}}, &log
}

// Rows are drawn once each; no limit, and one of all rows or more, means every row.
func TestDraw(t *testing.T) {
	w, _ := bareJob()
	for _, tt := range []struct{ limit, want int }{{0, 5}, {-1, 5}, {1, 1}, {4, 4}, {5, 5}, {6, 5}} {
		rows := w.draw("x", 5, tt.limit)
		seen := map[int]bool{}
		for _, i := range rows {
			seen[i] = i >= 0 && i < 5
		}
		if len(rows) != tt.want || len(seen) != tt.want {
			t.Errorf("limit %d: rows %v, want %d", tt.limit, rows, tt.want)
		}
	}
	if slices.Equal(w.draw("x", 20, 0), w.draw("y", 20, 0)) {
		t.Error("two purposes draw the same rows")
	}
}

// A measure that has a word of warning.
func init() {
	metrics.Measures.Add("worded", metrics.Descriptor{Name: "worded", Kind: metrics.Independence, Compute: func(x, _ *mat.Dense, _ metrics.Settings) (metrics.Result, error) {
		n, _ := x.Dims()
		return metrics.Result{Name: "worded", N: n, Warnings: []string{"a word of warning"}}, nil
	}})
}

// A statistic of 99 rows is doubtful and one of 100 is not; what a measure cannot do, or is
// not for, is said with its name.
func TestMeasured(t *testing.T) {
	of := func(n int) *mat.Dense { return mat.NewDense(n, 1, make([]float64, n)) }
	for n, want := range map[int]int{99: 2, 100: 1} {
		w, log := bareJob()
		got, err := w.measure(spec.TestSpec{Tests: []string{"worded"}}, "this", metrics.Independence, of(n), of(n))
		if err != nil || len(got) != 1 || got[0].N != n {
			t.Fatal(got, err)
		}
		equal(t, fmt.Sprint("warnings of ", n), len(w.Results.Warnings), want)
		equal(t, "the last", w.Results.Warnings[want-1], "this: worded: a word of warning")
		if !strings.Contains(log.String(), "this: worded: a word of warning") {
			t.Errorf("the log has no warning: %s", log)
		}
	}
	w, _ := bareJob()
	_, err := w.measure(spec.TestSpec{Tests: []string{"toy-distance"}}, "this", metrics.Independence, of(100), of(100))
	equal(t, "another kind", err, "experiments: measure toy-distance is of another kind than asked for")
	_, err = w.measure(spec.TestSpec{Tests: []string{"dcor"}}, "this", metrics.Independence, of(100), of(101))
	if err == nil || !strings.HasPrefix(err.Error(), "experiments: this: dcor: ") {
		t.Errorf("rows that do not match: %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w.Context = ctx
	if _, err := w.measure(spec.TestSpec{Tests: []string{"worded"}}, "this", metrics.Independence, of(100), of(100)); err != context.Canceled {
		t.Errorf("cancelled: %v", err)
	}
}

// One column has one principal component, itself about its mean; at most 300 images of each
// domain are drawn, and those without labels are of no class.
func TestScatterOfOneColumn(t *testing.T) {
	w, _ := bareJob()
	shape := domains.Shape{Channels: 1, Height: 1, Width: 1}
	var c Codes
	for side, n := range []int{305, 4} {
		images, block := &domains.Images{Shape: shape, Data: make([]float32, n)}, models.NewBlock(models.Common, n, 1, 1)
		for i := range n {
			images.Data[i], block.Data[i] = float32(i%2), float32(2*side)
		}
		w.Domains[side] = &domains.Domain{Test: domains.Split{Images: images}}
		c[side][testSplit] = models.Codes{block}
	}
	w.Domains[1].Test.Truth = domains.NewTruth([]int{1, 1, 1, 1}, []string{"p", "q"})
	if err := w.scatter(&c); err != nil {
		t.Fatal(err)
	}
	s := w.Results.Scatter
	equal(t, "points", fmt.Sprint(len(s.Before), len(s.After)), "304 304")
	mean := 2. * 4 / 304
	for i, p := range s.After {
		want, class := -mean, -1
		if p.Domain == 1 {
			want, class = 2-mean, 1
		}
		closeTo(t, fmt.Sprint("point ", i), p.X, want, 1e-9)
		equal(t, fmt.Sprint("rest of point ", i), fmt.Sprint(p.Y, p.Class, p.Domain), fmt.Sprint(0, class, max(0, i-299)/max(1, i-299)))
	}
}
