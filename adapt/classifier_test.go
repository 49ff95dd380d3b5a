package adapt

import (
	"encoding/json"
	"math"
	"os"
	"runtime"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
)

// blobs draws n rows of d columns around class means that are far apart.
func blobs(seed uint64, n, d, classes int, spread float64) Data {
	r := stream.New(seed, "blobs")
	x, y := mat.NewDense(n, d, nil), make([]int, n)
	for i := range n {
		y[i] = i % classes
		for j := range d {
			centre := 0.0
			if j%classes == y[i] {
				centre = 3
			}
			x.Set(i, j, centre+spread*r.NormFloat64())
		}
	}
	return Data{x, y}
}

func fitted(t *testing.T, info ClassifierInfo, data Data, classes int) Classifier {
	t.Helper()
	c := info.New(option.Defaults(info.Options))
	if err := c.Fit(data.X, data.Y, classes); err != nil {
		t.Fatalf("%s: %v", info.Name, err)
	}
	return c
}

func probabilities(t *testing.T, c Classifier, x *mat.Dense) *mat.Dense {
	t.Helper()
	p, err := c.Probabilities(x)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// The walk over every classifier: what the contract promises.
func TestContract(t *testing.T) {
	for _, info := range Classifiers.All() {
		t.Run(info.Name, func(t *testing.T) {
			train, test := blobs(1, 120, 5, 3, 0.7), blobs(2, 60, 5, 3, 0.7)
			before := mat.DenseCopyOf(train.X)
			c := fitted(t, info, train, 4) // class 3 has no rows
			p := probabilities(t, c, test.X)
			if acc := share(Predict(p), test.Y); acc < 0.95 {
				t.Errorf("accuracy %v on separable blobs", acc)
			}
			for i := range 60 {
				if s := mat.Sum(p.RowView(i)); math.Abs(s-1) > 1e-12 {
					t.Fatalf("row %d of the probabilities sums to %v", i, s)
				}
			}
			if !mat.Equal(before, train.X) {
				t.Error("fitting changed its input")
			}
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			if q := probabilities(t, fitted(t, info, train, 4), test.X); !mat.Equal(p, q) {
				t.Error("GOMAXPROCS 1 gives other bits")
			}
			// Fitting again forgets: as if it were new.
			other := blobs(5, 90, 5, 3, 1.5)
			if err := c.Fit(other.X, other.Y, 3); err != nil {
				t.Fatal(err)
			}
			if !mat.Equal(probabilities(t, c, test.X), probabilities(t, fitted(t, info, other, 3), test.X)) {
				t.Error("a second fit remembers the first")
			}
		})
	}
}

func TestRefusals(t *testing.T) {
	for _, info := range Classifiers.All() {
		data := blobs(1, 30, 4, 3, 1)
		nan := Data{mat.DenseCopyOf(data.X), data.Y}
		nan.X.Set(7, 2, math.NaN())
		for _, tt := range []struct {
			name string
			data Data
			want string
		}{
			{"NaN", nan, "row 7, column 2 is NaN"},
			{"one class", Data{data.X, make([]int, 30)}, "1 class among the labels, want at least 2"},
			{"label", Data{data.X, append([]int{5}, data.Y[1:]...)}, "row 0 has label 5, want 0 to 2"},
			{"length", Data{data.X, data.Y[1:]}, "29 labels for 30 rows"},
		} {
			c := info.New(option.Defaults(info.Options))
			if err := c.Fit(tt.data.X, tt.data.Y, 3); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%s: %s: error %v, want %q", info.Name, tt.name, err, tt.want)
			}
			if _, err := c.Probabilities(data.X); err == nil {
				t.Errorf("%s: %s: predicts after a failed fit", info.Name, tt.name)
			}
		}
		c := fitted(t, info, data, 3)
		if _, err := c.Probabilities(mat.NewDense(2, 3, nil)); err == nil || !strings.Contains(err.Error(), "3 columns, fitted on 4") {
			t.Errorf("%s: width: error %v", info.Name, err)
		}
	}
}

func TestAgainstScikitLearn(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var g struct {
		X, Q          [][]float64
		Y             []int
		Probabilities map[string][][]float64
	}
	if err := json.Unmarshal(raw, &g); err != nil {
		t.Fatal(err)
	}
	dense := func(rows [][]float64) *mat.Dense {
		m := mat.NewDense(len(rows), len(rows[0]), nil)
		for i, r := range rows {
			m.SetRow(i, r)
		}
		return m
	}
	for name, want := range g.Probabilities {
		info, err := Classifiers.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		got := probabilities(t, fitted(t, info, Data{dense(g.X), g.Y}, 3), dense(g.Q))
		if !mat.EqualApprox(got, dense(want), 2e-4) { // two optimisers' stopping rules
			t.Errorf("%s:\n%v\nwant\n%v", name, mat.Formatted(got), want)
		}
	}
}

// Three points on a line: means 0 and 4, a query at 1 belongs to the first.
func TestCentroidByHand(t *testing.T) {
	info, _ := Classifiers.Get("centroid")
	c := fitted(t, info, Data{mat.NewDense(4, 1, []float64{-1, 1, 3, 5}), []int{0, 0, 1, 1}}, 2)
	p := probabilities(t, c, mat.NewDense(2, 1, []float64{1, 2}))
	// Within-class variance 1: logits -1/2 and -9/2.
	if want := 1 / (1 + math.Exp(-4)); math.Abs(p.At(0, 0)-want) > 1e-12 || p.At(1, 0) != 0.5 {
		t.Errorf("probabilities %v, want %v and one half", mat.Formatted(p), want)
	}
	if got := Predict(p); got[0] != 0 || got[1] != 0 {
		t.Errorf("predictions %v: a tie goes to the lower class", got)
	}
}

// Tune keeps the setting that is best on validation, the earlier among equals.
func TestTune(t *testing.T) {
	info, _ := Classifiers.Get("knn")
	train := blobs(1, 60, 3, 3, 0.5)
	easy, err := Tune(info, train, blobs(2, 30, 3, 3, 0.5), 3)
	if err != nil || easy.Settings.Int("k") != 5 || easy.Validation != 1 {
		t.Errorf("separable: %v, %v", easy, err)
	}
	// One row in five carries another label: more neighbours outvote it.
	noisy := Data{train.X, append([]int(nil), train.Y...)}
	for i := 0; i < 60; i += 5 {
		noisy.Y[i] = (noisy.Y[i] + 1) % 3
	}
	hard, err := Tune(info, noisy, blobs(3, 60, 3, 3, 0.5), 3)
	if err != nil || hard.Settings.Int("k") == 1 {
		t.Errorf("noisy labels: %v, %v", hard.Settings, err)
	}
}
