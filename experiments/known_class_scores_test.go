package experiments

import (
	"fmt"
	"math"
	"testing"
)

// The scores by class of the known network's own classifier, by their formulas: it gives
// e², e and 1 over their sum to the class that is told and the two after it.
func TestKnownClassScores(t *testing.T) {
	r := newKnownRun(t, t.TempDir(), "model.method=known-network")
	var found int
	for _, s := range r.ClassScores {
		if s.Row != "network" {
			continue
		}
		found++
		set, sum := knownSet(1, testSplit), math.Exp(2)+math.E+1
		p := [3]float64{math.Exp(2) / sum, math.E / sum, 1 / sum}
		n := float64(len(set))
		var counts [3][3]float64 // of true and told class
		var hits, logLoss, brier float64
		var shares [3][3]float64 // of class k, by the place of its probability: rows, rows of the class
		for _, k := range set {
			counts[k.class][k.told]++
			if k.class == k.told {
				hits++
			}
			logLoss -= math.Log(p[(k.class-k.told+3)%3]) / n
			for c := range 3 {
				place, truth := (c-k.told+3)%3, 0.0
				if c == k.class {
					truth = 1
				}
				brier += (p[place] - truth) * (p[place] - truth) / n
				shares[c][place] += truth - p[place]
			}
		}
		var recall, f1, weighted, expected, truthSquares, toldSquares, both float64
		for c := range 3 {
			var truth, told float64
			for d := range 3 {
				truth, told = truth+counts[c][d], told+counts[d][c]
			}
			recall += counts[c][c] / truth / 3
			f := 2 * counts[c][c] / (truth + told)
			f1, weighted = f1+f/3, weighted+f*truth/n
			expected += truth * told / (n * n)
			truthSquares, toldSquares, both = truthSquares+truth*truth, toldSquares+told*told, both+truth*told
		}
		var classwise float64 // the three probabilities lie in bins of their own
		for c := range 3 {
			for place := range 3 {
				classwise += math.Abs(shares[c][place]) / n / 3
			}
		}
		accuracy := hits / n
		equal(t, "rows", s.N, len(set))
		for what, pair := range map[string][2]float64{
			"balanced accuracy": {s.Balanced, recall}, "macro F1": {s.MacroF1, f1}, "weighted F1": {s.WeightedF1, weighted},
			"kappa":    {s.Kappa, (accuracy - expected) / (1 - expected)},
			"matthews": {s.Matthews, (hits*n - both) / math.Sqrt((n*n-truthSquares)*(n*n-toldSquares))},
			"log loss": {s.LogLoss, logLoss}, "Brier": {s.Brier, brier}, "ECE": {s.ECE, math.Abs(accuracy - p[0])}, "class-wise ECE": {s.ClasswiseECE, classwise},
		} {
			closeTo(t, what, pair[0], pair[1], 1e-6)
		}
		if s.ECEFloor <= 0 || s.ECEFloor > 0.2 { // the mean of |share of n draws - p|, about sqrt(2 p (1-p)/(pi n)) = 0.049
			t.Errorf("floor %v", s.ECEFloor)
		}
		if s.EqualCountECE < s.ECE-1e-9 { // groups of one confidence: never less than of all together
			t.Errorf("over groups of equal counts %v, over all %v", s.EqualCountECE, s.ECE)
		}
	}
	equal(t, "rows of the network", found, 1)
	equal(t, "a score for every row of the table", len(r.ClassScores), len(r.Accuracy))
	for i, a := range r.Accuracy {
		equal(t, "order", r.ClassScores[i].Row+r.ClassScores[i].Classifier, a.Row+a.Classifier)
		closeTo(t, "balanced accuracy of "+a.Row, r.ClassScores[i].Balanced, a.Target.Balanced, 1e-12)
	}
	none := newKnownRun(t, t.TempDir(), "domains.b.labels=false")
	equal(t, "without labels", fmt.Sprint(len(none.ClassScores)), "0")
}
