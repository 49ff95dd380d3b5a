package adapters

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/toy"
)

// The most certain share of each class, rounded up, equal ones in order.
func TestMostCertain(t *testing.T) {
	var p mat.Dense
	p.CloneFrom(mat.NewDense(3, 7, []float64{
		0.6, 0.9, 0.6, 0.1, 0.2, 0.6, 0.0,
		0.4, 0.1, 0.4, 0.9, 0.7, 0.4, 0.7,
		0.0, 0.0, 0.0, 0.0, 0.1, 0.0, 0.3}).T())
	labels := []int{0, 0, 0, 1, 1, 0, 1}
	for share, want := range map[float64][]int{0: nil, 0.01: {1, 3}, 0.5: {0, 1, 3, 4}, 0.51: {0, 1, 2, 3, 4}, 1: {0, 1, 2, 3, 4, 5, 6}} {
		if got := mostCertain(&p, labels, 3, share); !slices.Equal(got, want) {
			t.Errorf("share %v: rows %v, want %v", share, got, want)
		}
	}
	// Many equal rows, so that a sort which is not stable shows.
	equal, ones := mat.NewDense(40, 2, nil), make([]int, 40)
	for i := range 40 {
		equal.Set(i, 1, float64(i%2))
		ones[i] = 1
	}
	var odd []int
	for i := range 10 {
		odd = append(odd, 2*i+1)
	}
	if got := mostCertain(equal, ones, 2, 0.25); !slices.Equal(got, odd) {
		t.Errorf("equal rows: %v, want %v", got, odd)
	}
}

// Self-training round by round: shares 0.3, 0.5, 0.7, 0.9, 1 of each class's most certain rows, labels anew each round.
func TestSelfTrainingRoundByRound(t *testing.T) {
	task := shifted(8, 20, 25, 2)
	for _, weights := range [][]float64{nil, append(make([]float64, 5), 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3)} {
		task.Source.Weights = weights
		for _, rounds := range []int{1, 2, 5} {
			head := headOf(t, "centroid", nil)
			info, _ := adapt.Adapters.Get("self-training")
			a, err := info.Adapt(task, option.Values{"rounds": rounds, "first": 0.3, "more": 0.2, "weight": 0.5}, head)
			if err != nil {
				t.Fatal(err)
			}
			train := task.Source
			for round := range rounds {
				c, err := head.Fit(train)
				if err != nil {
					t.Fatal(err)
				}
				p := probabilities(t, c, task.Target)
				next := adapt.Labelled{Classes: 2, Labels: slices.Clone(task.Source.Labels)}
				var data []float64
				for i := range 20 {
					data = append(data, task.Source.X.RawRowView(i)...)
					w := 1.0
					if weights != nil {
						w = weights[i]
					}
					next.Weights = append(next.Weights, w)
				}
				for j := range 25 {
					class := 0
					if p.At(j, 1) > p.At(j, 0) {
						class = 1
					}
					size, better := 0, 0
					for k := range 25 {
						if (p.At(k, 1) > p.At(k, 0)) == (class == 1) {
							size++
							if p.At(k, class) > p.At(j, class) {
								better++
							}
						}
					}
					if float64(better) < math.Min(1, 0.3+0.2*float64(round))*float64(size)-1e-9 {
						data = append(data, task.Target.RawRowView(j)...)
						next.Labels, next.Weights = append(next.Labels, class), append(next.Weights, 0.5)
					}
				}
				next.X = mat.NewDense(len(next.Labels), 2, data)
				train = next
			}
			if !mat.Equal(a.Source.X, train.X) || !slices.Equal(a.Source.Labels, train.Labels) || !slices.Equal(a.Source.Weights, train.Weights) || a.Warnings != nil {
				t.Errorf("%d rounds: %d rows, want %d; warnings %q", rounds, len(a.Source.Labels), len(train.Labels), a.Warnings)
			}
		}
	}
	one := adapt.Task{Source: adapt.Labelled{X: toy.Column(0, 1, 10, 11), Labels: []int{0, 0, 1, 1}, Classes: 2}, Target: toy.Column(0, 1, 2)}
	if a := mustAdapt(t, "self-training", one, nil); fmt.Sprint(a.Warnings) != "[the target is predicted to hold 1 class]" {
		t.Errorf("warnings %q", a.Warnings)
	}
}

// Maps bring the rows that were fitted to where the fit put them, each domain by its own.
func TestMapsOfFittedRows(t *testing.T) {
	task := shifted(9, 14, 11, 4)
	for _, tt := range []struct {
		name    string
		changes option.Values
	}{
		{"pca", option.Values{"dim": 2}}, {"subspace-alignment", option.Values{"dim": 2}}, {"gfk", option.Values{"dim": 2}}, {"coral", nil}, {"linear-ot", nil},
		{"emd", nil}, {"sinkhorn", option.Values{"classes": "l1lp"}}, {"tca", option.Values{"dim": 2, "kernel": "rbf"}}, {"jda", option.Values{"dim": 2}},
		{"bda", option.Values{"dim": 2, "unit": false}}, {"tjm", option.Values{"dim": 2, "kernel": "rbf"}}, {"tjm", option.Values{"dim": 2, "unit": false}},
		{"meda", option.Values{"dim": 2}}, {"jgsa", option.Values{"dim": 2}}, {"nearest-weights", nil}, {"kmm", nil},
	} {
		a := mustAdapt(t, tt.name, task, tt.changes)
		source, err := a.MapSource(task.Source.X)
		if err != nil {
			t.Fatal(err)
		}
		target, err := a.Map(task.Target)
		if err != nil {
			t.Fatal(err)
		}
		toy.Near(t, tt.name+" source", source, a.Source.X, 1e-8)
		toy.Near(t, tt.name+" target", target, a.Target, 1e-8)
	}
}

// The course of JDA: pseudo-labels of each pass from the head in the space of the pass before. The space is the embedding under
// the discrepancy with those labels, and it ends when the labels stay.
func TestTransferPassByPass(t *testing.T) {
	moved := false
	for seed := range uint64(5) {
		task := shifted(seed+60, 16, 18, 3)
		for _, passes := range []int{1, 2, 3, 8} {
			head := headOf(t, "knn", nil)
			info, _ := adapt.Adapters.Get("bda")
			settings := option.Defaults(info.Options)
			settings["dim"], settings["iterations"], settings["mu"], settings["unit"] = 2, passes, 0.7, false
			a, err := info.Adapt(task, settings, head)
			if err != nil {
				t.Fatal(err)
			}
			x := task.Stacked()
			var pseudo []int
			var source adapt.Labelled
			for pass := range passes {
				f := meanDiscrepancy{marginal: 0.3 * 2, conditional: 0.7}.factor(task.Source.Labels, 18, pseudo, 2)
				w, err := newEmbedding(x).top(f, 1, nil, 2)
				if err != nil {
					t.Fatal(err)
				}
				z := dense.Product(x, w)
				source = task.Source.Moved(mat.DenseCopyOf(z.Slice(0, 16, 0, 2)))
				c, err := head.Fit(source)
				if err != nil {
					t.Fatal(err)
				}
				next := adapt.Predict(probabilities(t, c, mat.DenseCopyOf(z.Slice(16, 34, 0, 2))))
				moved = moved || pass > 0 && !slices.Equal(next, pseudo)
				pseudo = next
			}
			toy.Near(t, fmt.Sprint("seed ", seed, " passes ", passes), a.Source.X, source.X, 1e-9)
		}
	}
	if !moved {
		t.Fatal("no label moved after a pass: the tasks prove nothing")
	}
}
