package disentanglement

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/internal/logistic"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/internal/zscore"
	"github.com/venn-adapt/venn/metrics"
)

const (
	voteRows       = 64 // rows, or pairs of rows, of one vote
	trainVotes     = 2000
	evaluateVotes  = 1000
	fewestOfLevel  = 10   // rows a level needs to be drawn
	inactive       = 0.05 // standard deviation below which FactorVAE drops a column
	betaVAEPenalty = 1.0  // scikit-learn's C
)

// rowsByLevel are the rows of each level of each factor that has enough; it fails where a factor has none.
func (f *factors) rowsByLevel(name string, fewest int) ([][][]int, error) {
	out := make([][][]int, len(f.levels))
	for j, levels := range f.levels {
		rows := make([][]int, f.counts[j])
		for i, l := range levels {
			rows[l] = append(rows[l], i)
		}
		for _, r := range rows {
			if len(r) >= fewest {
				out[j] = append(out[j], r)
			}
		}
		if len(out[j]) == 0 {
			return nil, fmt.Errorf("metrics: %s: factor %d: no level has %d rows", name, f.columns[j], fewest)
		}
	}
	return out, nil
}

// FactorVAE is the score of Kim and Mnih, in [0, 1]: a factor is held fixed in 64 drawn rows, and the column of code
// whose variance, over its variance in all rows, is least votes for it; the score is the share of fresh votes that the
// columns' majority factors predict. Columns of standard deviation below 0.05 are dropped; none left gives 0 and
// Degenerate. Rows come, with replacement, from levels of at least 10 rows, by the stream (seed, factorvae). Chance is 1/m.
// It fails as MIG does and where a factor has no such level. Time 3000 votes of 64 k.
//
// H. Kim and A. Mnih, "Disentangling by factorising" (2018).
func FactorVAE(codes, table *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	f, r, done, err := begin("factorvae", codes, table, probeRows, s)
	if done || err != nil {
		return r, err
	}
	variance := columnVariances(codes, nil)
	var active []int
	for i, v := range variance {
		if math.Sqrt(v) >= inactive {
			active = append(active, i)
		}
	}
	if len(active) == 0 {
		return r.Collapse(fmt.Sprintf("no column of code has a standard deviation of %g", inactive), false), nil
	}
	rows, err := f.rowsByLevel("factorvae", fewestOfLevel)
	if err != nil {
		return r, err
	}
	random := stream.New(s.Seed, "factorvae")
	collect := func(votes int) [][]int {
		table := make([][]int, len(f.levels))
		for j := range table {
			table[j] = make([]int, len(variance))
		}
		drawn := make([]int, voteRows)
		for range votes {
			j := random.IntN(len(rows))
			level := rows[j][random.IntN(len(rows[j]))]
			for i := range drawn {
				drawn[i] = level[random.IntN(len(level))]
			}
			table[j][vote(codes, drawn, variance, active)]++
		}
		return table
	}
	_, r.Value = votingScore(collect(trainVotes), collect(evaluateVotes))
	r.Parts = []metrics.Part{{Name: "columns active", Value: float64(len(active))}}
	return r.Finish()
}

// columnVariances are those (n - 1) of each column over the rows, nil for all.
func columnVariances(codes *mat.Dense, rows []int) []float64 {
	n, k := codes.Dims()
	if rows == nil {
		rows = make([]int, n)
		for i := range rows {
			rows[i] = i
		}
	}
	out := make([]float64, k)
	values := make([]float64, len(rows))
	for j := range k {
		for i, from := range rows {
			values[i] = codes.At(from, j)
		}
		out[j] = stat.Variance(values, nil)
	}
	return out
}

// vote is the active column of least relative variance over the rows.
func vote(codes *mat.Dense, rows []int, variance []float64, active []int) int {
	local := columnVariances(codes, rows)
	best := active[0]
	for _, i := range active {
		if local[i]/variance[i] < local[best]/variance[best] {
			best = i
		}
	}
	return best
}

// votingScore is the share of votes (factors x columns) that the majority factor of each column in training explains, in
// training and in evaluation; a column without votes goes to factor 0.
func votingScore(train, evaluate [][]int) (trained, score float64) {
	share := func(votes [][]int, majority []int) float64 {
		right, all := 0, 0
		for j, row := range votes {
			for i, v := range row {
				all += v
				if majority[i] == j {
					right += v
				}
			}
		}
		return float64(right) / float64(all)
	}
	majority := make([]int, len(train[0]))
	for i := range majority {
		for j := range train {
			if train[j][i] > train[majority[i]][i] {
				majority[i] = j
			}
		}
	}
	return share(train, majority), share(evaluate, majority)
}

// BetaVAE is the score of Higgins et al., in [0, 1]: a linear classifier tells which factor two rows of each of 64 drawn
// pairs share, from the mean over pairs of |z1 - z2| by column (standardised). Easily 1 for entangled codes.
// Rows come, with replacement, from levels of at least 10 rows, by the stream (seed, betavae). Chance is 1/m. Errors as
// FactorVAE, and a fit that does not converge.
//
// I. Higgins et al., "beta-VAE" (2017).
func BetaVAE(codes, table *mat.Dense, s metrics.Settings) (metrics.Result, error) {
	f, r, done, err := begin("betavae", codes, table, probeRows, s)
	if done || err != nil {
		return r, err
	}
	if len(f.levels) < 2 {
		return r.Collapse("one factor", false), nil
	}
	rows, err := f.rowsByLevel("betavae", fewestOfLevel)
	if err != nil {
		return r, err
	}
	random := stream.New(s.Seed, "betavae")
	_, k := codes.Dims()
	collect := func(votes int) (*mat.Dense, []int) {
		x, y := mat.NewDense(votes, k, nil), make([]int, votes)
		for v := range votes {
			j := random.IntN(len(rows))
			var first, second []int
			for range voteRows {
				level := rows[j][random.IntN(len(rows[j]))]
				first, second = append(first, level[random.IntN(len(level))]), append(second, level[random.IntN(len(level))])
			}
			x.SetRow(v, meanDifference(codes, first, second))
			y[v] = j
		}
		return x, y
	}
	trainX, trainY := collect(trainVotes)
	testX, testY := collect(evaluateVotes)
	scale := zscore.Learn(trainX)
	model, err := logistic.Fit(scale.Apply(trainX), trainY, len(f.levels), logistic.Settings{Lambda: 1 / (betaVAEPenalty * trainVotes), Tolerance: 1e-4})
	if err != nil {
		return r, fmt.Errorf("metrics: betavae: %w", err)
	}
	p := model.Logits(scale.Apply(testX))
	for i, j := range testY {
		if floats.MaxIdx(p.RawRowView(i)) == j {
			r.Value += 1.0 / evaluateVotes
		}
	}
	return r.Finish()
}

// meanDifference is the mean over pairs of rows of |z1 - z2|, by column.
func meanDifference(codes *mat.Dense, first, second []int) []float64 {
	_, k := codes.Dims()
	out := make([]float64, k)
	for i, a := range first {
		u, v := codes.RawRowView(a), codes.RawRowView(second[i])
		for j := range out {
			out[j] += math.Abs(u[j]-v[j]) / float64(len(first))
		}
	}
	return out
}

func init() {
	describe(metrics.Descriptor{Name: "factorvae", Doc: "share of votes of the steadiest column of code for the factor held fixed; chance is one over the factors", Range: [2]float64{0, 1}, Invariant: []string{"translation"},
		Cost: "time 3000 votes of 64 k", Citation: "Kim and Mnih, Disentangling by factorising, ICML 2018", MinRows: probeRows, Compute: FactorVAE})
	describe(metrics.Descriptor{Name: "betavae", Doc: "accuracy of telling the factor that pairs share from their differences; chance is one over the factors", Range: [2]float64{0, 1}, Invariant: []string{"translation", "scale"},
		Cost: "time 3000 votes of 128 k, one logistic fit", Citation: "Higgins et al., beta-VAE, ICLR 2017", MinRows: probeRows, Compute: BetaVAE})
}
