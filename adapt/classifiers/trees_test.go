package classifiers

import (
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/perceptron"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/trees"
)

// The forest grown tree by tree: rows drawn with their repeats from the tree's stream, the root
// of the number of features, rounded up.
func TestForestByTrees(t *testing.T) {
	info, _ := adapt.Classifiers.Get("forest")
	train, queries := blobs(1, 40, 5, 3, 2), blobs(2, 10, 5, 3, 2)
	train.Weights = make([]float64, 40)
	for i := range train.Weights {
		train.Weights[i] = 0.5 + float64(i%2) // mean 1
	}
	got := probabilities(t, fitted(t, info, train, 3, option.Values{"trees": 7, "leaf": 1.5, "seed": 3}), queries.X)
	want := mat.NewDense(10, 3, nil)
	for k := range 7 {
		r := stream.New(3, "forest", k)
		times := make([]int, 40)
		for range 40 {
			times[r.IntN(40)]++
		}
		g := &trees.Grower{Bins: trees.NewBins(train.X), Targets: mat.NewDense(40, 3, nil), Weights: make([]float64, 40), Depth: 1000, MinLeaf: 1.5, Features: 3, Random: r}
		var rows []int
		for i, k := range times {
			if k > 0 {
				rows = append(rows, i)
			}
			g.Weights[i] = float64(k) * train.Weights[i]
			g.Targets.Set(i, train.Labels[i], g.Weights[i])
		}
		tree := g.Grow(rows)
		for i := range 10 {
			for c, v := range tree.Leaf(queries.X.RawRowView(i)) {
				want.Set(i, c, want.At(i, c)+v)
			}
		}
	}
	for i := range 10 {
		sum := want.At(i, 0) + want.At(i, 1) + want.At(i, 2)
		for c := range 3 {
			want.Set(i, c, want.At(i, c)/sum)
		}
	}
	if !mat.EqualApprox(got, want, 1e-12) {
		t.Errorf("%v\nwant\n%v", mat.Formatted(got), mat.Formatted(want))
	}
}

// The boosted trees take each setting to where it belongs, and their probabilities are the softmax
// of the summed steps.
func TestBoostingBySettings(t *testing.T) {
	info, _ := adapt.Classifiers.Get("boosting")
	train, queries := blobs(1, 40, 5, 3, 2), blobs(2, 10, 5, 3, 2)
	s := option.Values{"rounds": 6, "rate": 0.3, "depth": 2, "leaf": 0.2, "subsample": 0.6, "seed": 5}
	b := trees.Boost(train.X, train.Labels, nil, 3, trees.Settings{Rounds: 6, Rate: 0.3, Depth: 2, Leaf: 0.2, Subsample: 0.6, Seed: 5})
	want := mat.NewDense(10, 3, nil)
	for i := range 10 {
		row := want.RawRowView(i)
		for _, round := range b.Trees {
			for c, tree := range round {
				row[c] += 0.3 * tree.Leaf(queries.X.RawRowView(i))[0]
			}
		}
		logistic.Softmax(row)
	}
	if got := probabilities(t, fitted(t, info, train, 3, s), queries.X); !mat.EqualApprox(got, want, 1e-12) {
		t.Errorf("%v\nwant\n%v", mat.Formatted(got), mat.Formatted(want))
	}
}

// A tenth of the rows, by the seed, choose the network's epoch; of single rows all do.
func TestNetworkHoldsOutATenth(t *testing.T) {
	info, _ := adapt.Classifiers.Get("mlp")
	train, queries := blobs(1, 60, 3, 3, 1.5), blobs(2, 10, 3, 3, 1.5)
	s := option.Values{"hidden": 5, "rate": 0.02, "decay": 0.01, "dropout": 0.1, "epochs": 12, "seed": 4, "standardise": "none"}
	of := func(l adapt.Labelled) perceptron.Rows { return perceptron.Rows{X: l.X, Labels: l.Labels} }
	net := func(part, held perceptron.Rows, epochs int) *perceptron.Network {
		n, err := perceptron.Fit(part, held, 3, perceptron.Settings{Hidden: []int{5}, Rate: 0.02, Decay: 0.01, Dropout: 0.1, Batch: 128, Epochs: epochs, Seed: 4})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	kept, held, err := domains.HoldOut(train.Labels, 3, 0.1, 4)
	if err != nil || len(held) != 6 {
		t.Fatal(err)
	}
	got := probabilities(t, fitted(t, info, train, 3, s), queries.X)
	if want := net(of(train.Take(kept)), of(train.Take(held)), 12).Probabilities(queries.X); !mat.EqualApprox(got, want, 1e-12) {
		t.Errorf("%v\nwant\n%v", mat.Formatted(got), mat.Formatted(want))
	}
	single := train.Take([]int{0, 1, 2})
	got = probabilities(t, fitted(t, info, single, 3, s), queries.X)
	if want := net(of(single), of(single), 12).Probabilities(queries.X); !mat.EqualApprox(got, want, 1e-12) {
		t.Errorf("single rows: %v\nwant\n%v", mat.Formatted(got), mat.Formatted(want))
	}
	big := blobs(1, 200, 3, 3, 1.5) // more rows than a batch
	kept, held, _ = domains.HoldOut(big.Labels, 3, 0.1, 4)
	got = probabilities(t, fitted(t, info, big, 3, s, option.Values{"epochs": 3}), queries.X)
	if want := net(of(big.Take(kept)), of(big.Take(held)), 3).Probabilities(queries.X); !mat.EqualApprox(got, want, 1e-12) {
		t.Errorf("batches: %v\nwant\n%v", mat.Formatted(got), mat.Formatted(want))
	}
}
