package disentanglement

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"

	_ "github.com/venn-adapt/venn/internal/seeded"
	"github.com/venn-adapt/venn/metrics"
)

// heaps are the codes of testdata/clusters.py, their heaps and the labels that mostly follow them.
func heaps() (x *mat.Dense, heap, labels []int) {
	const n = 90
	x = mat.NewDense(n, 2, nil)
	for i := range n {
		h := i * i % 7 % 4
		x.SetRow(i, []float64{3*math.Cos(1.7*float64(h)) + math.Sin(12.9*float64(i)), 3*math.Sin(1.7*float64(h)) + math.Cos(7.3*float64(i))})
		heap = append(heap, h)
		if i%5 == 0 {
			h = (h + 1) % 4
		}
		labels = append(labels, h)
	}
	return x, heap, labels
}

// Partitions, their scores and the best of k-means agree with scikit-learn.
func TestClustersAgainstScikitLearn(t *testing.T) {
	raw, err := os.ReadFile("testdata/clusters.json")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	check := func(name string, got float64) {
		t.Helper()
		if v := want[name].(float64); !(math.Abs(got-v) <= 1e-10*math.Max(1, math.Abs(v))) {
			t.Errorf("%s: %v, scikit-learn %v", name, got, v)
		}
	}
	x, heap, labels := heaps()
	check("ari", AdjustedRand(labels, heap))
	check("ari", AdjustedRand(heap, labels))
	check("silhouette", Silhouette(x, labels, 4))
	clusters, inertia := KMeans(x, 4, 0)
	check("inertia", inertia)
	check("kmeans_ari", AdjustedRand(clusters, labels))
	table := mat.NewDense(len(labels), 1, nil)
	for i, v := range labels {
		table.Set(i, 0, float64(10*v))
	}
	for measure, name := range map[string]string{"ari": "kmeans_ari", "nmi": "kmeans_nmi", "silhouette": "silhouette"} {
		m, err := metrics.Measures.Get(measure)
		if err != nil {
			t.Fatal(err)
		}
		r, err := m.Compute(x, table, none)
		if err != nil {
			t.Fatal(err)
		}
		check(name, r.Value)
		if len(r.Parts) != 1 || r.Parts[0].Name != "factor 1" || r.Parts[0].Value != r.Value || r.N != len(labels) {
			t.Errorf("%s: %+v", measure, r)
		}
	}
}

// By hand: of 6 rows in pairs {0 1}{2 3}{4 5} and triples {0 1 2}{3 4 5}, two pairs agree of 15, 3
// and 6 are together: (2 − 18/15)/(4.5 − 18/15).
func TestAdjustedRand(t *testing.T) {
	if got, want := AdjustedRand([]int{0, 0, 1, 1, 2, 2}, []int{7, 7, 7, 3, 3, 3}), 0.8/3.3; !near(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	for _, same := range [][2][]int{{{0, 0, 1}, {5, 5, 2}}, {{0, 0, 0}, {1, 1, 1}}, {{0, 1, 2}, {2, 0, 1}}} {
		if got := AdjustedRand(same[0], same[1]); got != 1 {
			t.Errorf("%v: %v, want 1", same, got)
		}
	}
	if got := AdjustedRand([]int{0, 0, 0, 0}, []int{0, 1, 2, 3}); got != 0 {
		t.Errorf("one cluster against single rows: %v, want 0", got)
	}
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 30).Draw(t, "rows")
		part := rapid.SliceOfN(rapid.IntRange(0, 4), n, n)
		a, b := part.Draw(t, "a"), part.Draw(t, "b")
		renamed := slices.Clone(a)
		for i := range renamed {
			renamed[i] = 9 - renamed[i]
		}
		v := AdjustedRand(a, b)
		if !near(v, AdjustedRand(b, a)) || !near(v, AdjustedRand(renamed, b)) || AdjustedRand(a, renamed) != 1 || !(v >= -0.5-1e-12 && v <= 1) {
			t.Fatalf("%v and %v: %v", a, b, v)
		}
	})
}

// By hand on a line: classes {0, 1} and {4}, the latter alone: (1 − 1/4 + 1 − 1/3 + 0)/3.
func TestSilhouette(t *testing.T) {
	if got, want := Silhouette(mat.NewDense(3, 1, []float64{0, 1, 4}), []int{0, 0, 1}, 2), (0.75+2.0/3)/3; !near(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := Silhouette(mat.NewDense(4, 1, []float64{2, 2, 2, 2}), []int{0, 0, 1, 1}, 2); got != 0 {
		t.Errorf("all rows equal: %v, want 0", got)
	}
	if got, want := Silhouette(mat.NewDense(4, 1, []float64{0, 10, 0, 10}), []int{0, 0, 1, 1}, 2), -0.5; !near(got, want) {
		t.Errorf("classes that are no heaps: %v, want %v", got, want)
	}
}

// A cluster that loses its rows gets the farthest: three means on two places, and rows that are
// equal.
func TestKMeansEdges(t *testing.T) {
	x := mat.NewDense(5, 1, []float64{0, 0, 10, 10, 11})
	clusters, distance := []int{0, 0, 1, 1, 1}, []float64{0, 0, 0.1, 0.1, 0.4}
	means := mat.NewDense(3, 1, nil)
	recentre(x, means, clusters, distance)
	if !slices.Equal(clusters, []int{0, 0, 1, 1, 2}) || !slices.Equal(means.RawMatrix().Data, []float64{0, 10, 11}) {
		t.Errorf("clusters %v about %v", clusters, means.RawMatrix().Data)
	}
	if c, inertia := KMeans(x, 5, 0); inertia != 0 || len(c) != 5 {
		t.Errorf("as many clusters as rows: %v, inertia %v", c, inertia)
	}
	if c, inertia := KMeans(x, 1, 0); !near(inertia, 128.8) || !slices.Equal(c, make([]int, 5)) {
		t.Errorf("one cluster: %v, inertia %v, want 128.8", c, inertia)
	}
	if c, inertia := KMeans(mat.NewDense(4, 2, nil), 3, 1); inertia != 0 || slices.Max(c) > 2 {
		t.Errorf("equal rows: %v, inertia %v", c, inertia)
	}
	first, _ := KMeans(x, 2, 3)
	again, _ := KMeans(x, 2, 3)
	if !slices.Equal(first, again) {
		t.Errorf("the same seed: %v and %v", first, again)
	}
}
