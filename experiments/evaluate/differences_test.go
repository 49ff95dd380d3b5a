package evaluate

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// hits has n rows of which the given ranges are right.
func hits(n int, ranges ...[2]int) []bool {
	out := make([]bool, n)
	for _, r := range ranges {
		for i := r[0]; i < r[1]; i++ {
			out[i] = true
		}
	}
	return out
}

func score(h []bool) *reports.Score {
	right := 0
	for _, hit := range h {
		if hit {
			right++
		}
	}
	return &reports.Score{Accuracy: float64(right) / float64(len(h)), N: len(h), Hits: h}
}

// By hand: of 100 rows 12 are right for the first alone and 2 for the second alone:
// 0.10 ± 1.96 sqrt(14 - 100/100)/100.
func TestDifferenceInterval(t *testing.T) {
	low, high := differenceInterval(hits(100, [2]int{0, 60}), hits(100, [2]int{12, 62}))
	half := 1.959963984540054 * math.Sqrt(13) / 100
	if !(math.Abs(low-(0.10-half)) <= 1e-12) || !(math.Abs(high-(0.10+half)) <= 1e-12) {
		t.Errorf("got [%v, %v], want 0.1 ± %v", low, high, half)
	}
}

// An oracle three rows of 500 above source-only leaves no gap to close; one that is
// clearly above does, and its interval is the one that resampling rows gives.
func TestGaps(t *testing.T) {
	const n = 500
	source, method := hits(n, [2]int{0, 300}), hits(n, [2]int{20, 400})
	for _, tt := range []struct {
		name   string
		oracle []bool
		want   float64 // 0: none, for the reason
		reason string
	}{
		{"clear", hits(n, [2]int{0, 450}), 80.0 / 150, ""},
		{"three rows", hits(n, [2]int{0, 300}, [2]int{310, 313}), 0, "not clearly above"},
		{"three rows more than lost", hits(n, [2]int{10, 313}), 0, "the oracle is 0.0060 [-0.0128, 0.0248] above source-only on these 500 test images"},
		{"below", hits(n, [2]int{0, 200}), 0, "less than 0.005"},
	} {
		w := &Subject{Results: &reports.Results{Accuracy: []reports.Accuracy{
			{Row: "common", Classifier: "knn", Target: score(method)},
			{Row: rowSourceOnly, Classifier: "knn", Target: score(source)},
			{Row: rowOracle, Classifier: "knn", Oracle: true, Target: score(tt.oracle)},
		}}}
		if err := w.gaps(); err != nil {
			t.Fatal(err)
		}
		got := w.Results.Accuracy[0]
		switch {
		case tt.want == 0:
			if got.GapClosed != nil || got.GapInterval != nil || !strings.Contains(got.Notes["gap_closed"], tt.reason) {
				t.Errorf("%s: gap %v, note %q, want %q", tt.name, got.GapClosed, got.Notes["gap_closed"], tt.reason)
			}
			continue
		case got.GapClosed == nil || !(math.Abs(*got.GapClosed-tt.want) <= 1e-12):
			t.Fatalf("%s: gap %v, want %v", tt.name, got.GapClosed, tt.want)
		}
		want := plainBootstrap(method, source, tt.oracle)
		for end := range 2 {
			if !(math.Abs(got.GapInterval[end]-want[end]) <= 0.02) { // four standard errors of a 2.5% quantile of 2000
				t.Errorf("%s: interval %v, resampling rows gives %v", tt.name, *got.GapInterval, want)
			}
		}
	}
}

// plainBootstrap draws rows one by one: the slow obvious version.
func plainBootstrap(method, source, oracle []bool) [2]float64 {
	r := stream.New(1, "test")
	shares := make([]float64, 4000)
	for k := range shares {
		var m, s, o float64
		for range method {
			i := r.IntN(len(method))
			for _, c := range []struct {
				hits []bool
				sum  *float64
			}{{method, &m}, {source, &s}, {oracle, &o}} {
				if c.hits[i] {
					*c.sum++
				}
			}
		}
		shares[k] = (m - s) / (o - s)
	}
	slices.Sort(shares)
	return [2]float64{inference.Quantile(shares, 0.025), inference.Quantile(shares, 0.975)}
}

// A row that is the oracle closes the gap in every resample; one that is source-only
// closes none of it.
func TestGapIntervalEnds(t *testing.T) {
	source, oracle := hits(200, [2]int{0, 100}), hits(200, [2]int{0, 160})
	if got := gapInterval(0, "x", oracle, source, oracle); got != [2]float64{1, 1} {
		t.Errorf("oracle: %v", got)
	}
	if got := gapInterval(0, "x", source, source, oracle); got != [2]float64{0, 0} {
		t.Errorf("source-only: %v", got)
	}
}

// Of twelve rows the oracle has three that source-only lacks: one resample in 32 has none of
// them and no gap, and counts as infinitely far, on the side of the method.
func TestGapIntervalWithoutGap(t *testing.T) {
	source, oracle := hits(12, [2]int{0, 6}), hits(12, [2]int{0, 9})
	if got := gapInterval(0, "x", hits(12, [2]int{0, 12}), source, oracle); got[1] != math.MaxFloat64 || !(got[0] >= 1) {
		t.Errorf("a method above both: %v", got)
	}
	if got := gapInterval(0, "x", hits(12), source, oracle); got[0] != -math.MaxFloat64 || !(got[1] < 0) {
		t.Errorf("a method below both: %v", got)
	}
}

// Each classifier's code is compared with its own raw pixels.
func TestPairedByClassifier(t *testing.T) {
	w, _ := bareJob()
	w.Spec.Adapt.Classifiers = []string{"centroid", "knn"}
	row := func(name, classifier string, hits ...bool) {
		w.Results.Accuracy = append(w.Results.Accuracy, reports.Accuracy{Row: name, Classifier: classifier, Target: &reports.Score{Hits: hits}})
	}
	row("common", "centroid", true, true, true, false)
	row("common", "knn", true, false, false, false)
	row(rowSourceOnly, "centroid", false, false, true, false)
	row(rowSourceOnly, "knn", false, true, true, true)
	var c Codes
	c[0][testSplit] = models.Codes{models.NewBlock(models.Common, 4, 1, 1)}
	if err := w.paired(&c); err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, v := range w.Results.Values {
		got[v.Name] = v.Value
	}
	closeTo(t, "centroid", got["common less source-only, centroid, accuracy"], 0.5, 1e-12)
	closeTo(t, "knn", got["common less source-only, knn, accuracy"], -0.5, 1e-12)
}
