package features

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/check"
)

// So many rows of each class, or all of a class with fewer, ascending.
func TestDrawPerClass(t *testing.T) {
	labels := []int{0, 1, 0, 0, 2, 0, 1, 0, 1, 0}
	rows := drawPerClass(labels, 3, 2, 5)
	counts := map[int]int{}
	for k, i := range rows {
		counts[labels[i]]++
		if k > 0 && i <= rows[k-1] {
			t.Errorf("rows %v do not ascend", rows)
		}
	}
	equal(t, "rows a class", counts, "map[0:2 1:2 2:1]")
	equal(t, "all rows", drawPerClass(labels, 3, 9, 5), "[0 1 2 3 4 5 6 7 8 9]")
}

// The union of classes keeps the source's order and adds the target's own.
func TestUnionOf(t *testing.T) {
	equal(t, "union", unionOf([]string{"c", "a"}, []string{"b", "a", "d"}), "[c a b d]")
}

// Preparations by hand: (1, 3) by its sum and by its length; z-scores by the first part alone.
func TestPreparedByHand(t *testing.T) {
	x, more := matrixOf([][]float64{{1, 3}, {3, 1}}), matrixOf([][]float64{{2, 2}, {0, 0}})
	sum := prepared(x, more, []string{"row-sum"})
	equal(t, "row sums", fmt.Sprint(sum[0].RawMatrix().Data, sum[1].RawMatrix().Data), "[0.25 0.75 0.75 0.25] [0.5 0.5 0 0]")
	length := prepared(x, nil, []string{"row-length"})
	closeTo(t, "row length", length[0].At(0, 1), 3/3.1622776601683795, 1e-15)
	if length[1] != nil {
		t.Error("a second part out of nothing")
	}
	z := prepared(x, more, []string{"zscore"})
	equal(t, "z-scores", fmt.Sprint(z[0].RawMatrix().Data, z[1].RawMatrix().Data), "[-1 1 1 -1] [0 0 -2 -2]")
	z = prepared(matrixOf([][]float64{{1, 7}, {5, 7}}), nil, []string{"zscore"})
	equal(t, "z-scores of deviation 2, and of a column that does not vary", z[0].RawMatrix().Data, "[-1 0 1 0]")
	both := prepared(matrixOf([][]float64{{1, 3}, {2, 2}}), nil, []string{"row-sum", "zscore"})
	equal(t, "shares, then z-scores", both[0].RawMatrix().Data, "[-1 1 1 -1]")
	equal(t, "the rows are left alone", x.RawMatrix().Data, "[1 3 3 1]")
}

// Of two classes in files of three and two columns: all source rows, or so many of a class.
func TestLoad(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"s.csv": "p,q,label\n1,2,up\n3,4,down\n5,6,up\n7,8,up\n9,9,down\n", "t.csv": "p,q,label\n1,1,down\n2,2,side\n"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for k, want := range map[int]string{0: "5 map[0:2 1:3]", 1: "2 map[0:1 1:1]", 2: "4 map[0:2 1:2]"} {
		f := &spec.FeaturesSpec{Domains: []spec.FeatureDomain{{Name: "T", Path: "t.csv"}, {Name: "S", Path: "s.csv", PerClass: k}}, Source: 1}
		task, err := Load(f, dir, 4, func(runs.DataLock) error { return nil })
		if err != nil {
			t.Fatal(err)
		}
		counts := map[int]int{}
		for _, c := range task.Source.Labels {
			counts[c]++
		}
		n, d := task.Source.X.Dims()
		equal(t, fmt.Sprint(k, " of a class"), fmt.Sprint(n, counts), want)
		equal(t, "columns, name and classes", fmt.Sprint(d, " ", task.Name, " ", task.Classes), "2 T [down up side]")
	}
}

func matrixOf(rows [][]float64) *mat.Dense {
	m := mat.NewDense(len(rows), len(rows[0]), nil)
	for i, r := range rows {
		m.SetRow(i, r)
	}
	return m
}

// The comparisons of these tests.
var equal, closeTo = check.Equal, check.Close
