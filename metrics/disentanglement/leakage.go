package disentanglement

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/rows"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/inference"
	"github.com/venn-adapt/venn/metrics/probe"
)

// A Wish says what a block of code should tell of a factor.
type Wish int

// The wishes.
const (
	Open  Wish = iota // nothing is asked
	Keep              // it should be read off perfectly: target 1
	Empty             // it should not be read off at all: target 0
)

// A Factor is a known cause of each row, either levels or numbers.
type Factor struct {
	Name   string
	Levels []int     // from 0; nil for a continuous factor
	Values []float64 // nil for a categorical factor
}

// An Entry is one row of the leakage matrix: a block of code on the images of one domain.
type Entry struct {
	Block, On string
	Codes     *mat.Dense
	Factors   []Factor
	Wishes    []Wish // one a factor
}

// A Cell is how well a factor is read off a block: (balanced accuracy - 1/K)/(1 - 1/K) of held-out rows for
// levels, R^2 for numbers; 0 at chance, 1 perfect, and below 0 where worse than chance.
type Cell struct {
	Block   string  `json:"block"`
	On      string  `json:"on"`
	Factor  string  `json:"factor"`
	Wish    Wish    `json:"wish"`
	Score   float64 `json:"score"`   // of the best probe: the strongest that was tried counts
	Linear  float64 `json:"linear"`  // logistic or ridge regression
	Nearest float64 `json:"nearest"` // 5 nearest neighbours
	Network float64 `json:"network"` // perceptron of two hidden layers
	Low     float64 `json:"low"`     // of the 95% bootstrap interval over held-out rows
	High    float64 `json:"high"`
	P       float64 `json:"p"`       // that the block tells nothing, by permuting held-out rows
	Holm    float64 `json:"holm"`    // P adjusted over the matrix
	N       int     `json:"n"`       // rows held out
	Classes int     `json:"classes"` // 0 for numbers
	Absent  bool    `json:"absent"`  // the factor does not vary here: an empty cell, not 0
	Note    string  `json:"note,omitempty"`
}

// LeakageRows is the fewest rows of an entry.
const LeakageRows = 2 * probeRows

const (
	leakageResamples = 400
	leakageDraws     = 199 // permutations of a cell where the settings ask for none
)

// Leakage probes each factor in each entry. Half of the rows, drawn by the seed, train a linear probe, 5 nearest
// neighbours and a perceptron, the other half score them. The interval resamples held-out rows; p permutes the
// held-out factor against the fixed predictions of the probes, which is exact, and Holm's runs over the matrix. A
// factor of one level gives an absent cell; a collapsed block scores 0 and says so. It fails on entries of fewer
// than LeakageRows rows, factors of another length, values that are not finite and fits that do not converge. Cells of
// many columns take seconds each: between is told how many of them are done, first none and then after each, from one
// goroutine at a time, and its error ends the work before the next; nil is never told.
func Leakage(entries []Entry, s metrics.Settings, between func(done, cells int) error) ([]Cell, error) {
	if s.Permutations <= 0 {
		s.Permutations = leakageDraws
	}
	type question struct {
		entry  Entry
		factor int
	}
	var asked []question
	for _, e := range entries {
		name := fmt.Sprintf("leakage: %s on %s", e.Block, e.On)
		if err := metrics.CheckFinite(name, e.Codes); err != nil {
			return nil, err
		}
		n, _ := e.Codes.Dims()
		if n < LeakageRows || len(e.Wishes) != len(e.Factors) {
			return nil, fmt.Errorf("metrics: %s: %d rows, %d wishes for %d factors: want at least %d rows and a wish each", name, n, len(e.Wishes), len(e.Factors), LeakageRows)
		}
		for j := range e.Factors {
			asked = append(asked, question{e, j})
		}
	}
	out, faults := make([]Cell, len(asked)), make([]error, len(asked))
	t := turns{cells: len(asked), between: between}
	t.tell(0)
	parallel.For(len(asked), func(i int) {
		if t.ended() != nil {
			return
		}
		e, j := asked[i].entry, asked[i].factor
		out[i], faults[i] = e.cell(e.Factors[j], s)
		out[i].Block, out[i].On, out[i].Factor, out[i].Wish = e.Block, e.On, e.Factors[j].Name, e.Wishes[j]
		t.tell(1)
	})
	if t.err != nil {
		return nil, t.err
	}
	for i, err := range faults {
		if err != nil {
			return nil, fmt.Errorf("leakage: %s on %s: factor %s: %w", out[i].Block, out[i].On, out[i].Factor, err)
		}
	}
	p := make([]float64, len(out))
	for i, c := range out {
		p[i] = c.P
		if c.Absent {
			p[i] = math.NaN() // not a test of the family
		}
	}
	adjusted, err := inference.Holm(p)
	for i := range out {
		if !out[i].Absent {
			out[i].Holm = adjusted[i]
		}
	}
	return out, err
}

// turns count the cells that several goroutines make, and keep the error that ends them.
type turns struct {
	mu          sync.Mutex
	done, cells int
	between     func(done, cells int) error
	err         error
}

// tell says that so many cells more are done.
func (t *turns) tell(more int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.done += more; t.between != nil && t.err == nil {
		t.err = t.between(t.done, t.cells)
	}
}

// ended is what ends the work, if anything does.
func (t *turns) ended() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.err
}

func (e Entry) cell(f Factor, s metrics.Settings) (Cell, error) {
	n, _ := e.Codes.Dims()
	if (f.Levels == nil) == (f.Values == nil) || max(len(f.Levels), len(f.Values)) != n {
		return Cell{}, fmt.Errorf("metrics: %d levels and %d values for %d rows, want one of them for each", len(f.Levels), len(f.Values), n)
	}
	if f.constant() {
		return Cell{Absent: true, Note: "does not vary here"}, nil
	}
	train, test := probe.Halves(n, s.Seed)
	c := Cell{N: len(test)}
	var scores probeScores // of held-out rows, with the factor of row i that of order[i]
	if f.Levels != nil {
		classes := slices.Max(f.Levels) + 1
		c.Classes = classes
		truth := probe.Pick(f.Levels, test)
		for k := range scores {
			p, err := probe.Kind(k).Probabilities(rows.Take(e.Codes, train), probe.Pick(f.Levels, train), classes, rows.Take(e.Codes, test))
			if err != nil {
				return Cell{}, err
			}
			predicted := probe.Predictions(p)
			scores[k] = func(rows, order []int) float64 { return balancedScore(truth, predicted, rows, order, classes) }
		}
	} else {
		pick := func(rows []int) []float64 {
			out := make([]float64, len(rows))
			for i, from := range rows {
				out[i] = f.Values[from]
			}
			return out
		}
		y, held := pick(train), pick(test)
		for k, of := range []func(train *mat.Dense, y []float64, test *mat.Dense) ([]float64, error){probe.ChosenRidge, probe.NeighbourValues, probe.NetworkValues} {
			predicted, err := of(rows.Take(e.Codes, train), y, rows.Take(e.Codes, test))
			if err != nil {
				return Cell{}, err
			}
			scores[k] = func(rows, order []int) float64 { return valueScore(held, predicted, rows, order, mean(y)) }
		}
	}
	c.fill(scores, s, f.Name+"/"+e.Block+"/"+e.On)
	if metrics.Constant(e.Codes) {
		c.Note = "collapsed: all codes are equal"
	}
	return c, nil
}

// probeScores score the kinds of probes.
type probeScores [probe.Kinds]func(rows, order []int) float64

// best is the highest score and its probe.
func (p probeScores) best(rows, order []int) (score float64, kind int) {
	score = math.Inf(-1)
	for k, of := range p {
		if v := of(rows, order); v > score {
			score, kind = v, k
		}
	}
	return score, kind
}

func (f Factor) constant() bool {
	if f.Levels != nil {
		return slices.Max(f.Levels) == slices.Min(f.Levels)
	}
	return slices.Max(f.Values) == slices.Min(f.Values)
}

// fill scores the probes, resamples and permutes.
func (c *Cell) fill(scores probeScores, s metrics.Settings, name string) {
	all := rows.All(c.N)
	c.Linear, c.Nearest, c.Network = scores[probe.Linear](all, all), scores[probe.Neighbours](all, all), scores[probe.Network](all, all)
	score, kind := scores.best(all, all)
	c.Score = score
	i, err := inference.Bootstrap(c.N, leakageResamples, 0.95, s.Seed, "leakage/"+name, func(drawn []int) float64 { return scores[kind](drawn, all) })
	if c.Low, c.High = i.Low, i.High; err != nil {
		c.Note = err.Error()
	}
	above := 1
	for b := range s.Permutations {
		order := stream.Permutation(stream.New(s.Seed, "permutation", "leakage", name, b), c.N)
		if v, _ := scores.best(all, order); v >= c.Score-metrics.TieTolerance {
			above++
		}
	}
	c.P = float64(above) / float64(s.Permutations+1)
}

// balancedScore is the chance-corrected balanced accuracy over the classes that the rows hold.
func balancedScore(truth, predicted, rows, order []int, classes int) float64 {
	hits, size := make([]float64, classes), make([]float64, classes)
	for _, i := range rows {
		t := truth[order[i]]
		size[t]++
		if predicted[i] == t {
			hits[t]++
		}
	}
	var recall, present float64
	for k, n := range size {
		if n > 0 {
			recall += hits[k] / n
			present++
		}
	}
	if present < 2 {
		return 0 // a resample of one class tells nothing
	}
	return (recall/present - 1/present) / (1 - 1/present)
}

func valueScore(held, predicted []float64, rows, order []int, trainingMean float64) float64 {
	y, p := make([]float64, len(rows)), make([]float64, len(rows))
	for k, i := range rows {
		y[k], p[k] = held[order[i]], predicted[i]
	}
	return probe.RSquared(y, p, trainingMean)
}
