package classification

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

// checkError wants an error of exactly this text, or none.
func checkError(t *testing.T, what string, err error, want string) {
	t.Helper()
	if got := fmt.Sprint(err); err == nil && want != "" || err != nil && got != want {
		t.Errorf("%s: error %v, want %q", what, err, want)
	}
}

func near(a, b float64) bool { return math.Abs(a-b) <= 1e-12 }

// Every score that reads probabilities refuses the same faults, names the row and says what was wanted.
func TestProbabilitiesAreChecked(t *testing.T) {
	scores := map[string]func(truth []int, p [][]float64) error{
		"log-loss": func(truth []int, p [][]float64) error { _, err := LogLoss(truth, p); return err },
		"brier":    func(truth []int, p [][]float64) error { _, err := Brier(truth, p); return err },
		"ece":      func(truth []int, p [][]float64) error { _, err := ECE(truth, p, 2, 0); return err },
	}
	for _, tt := range []struct {
		truth []int
		p     [][]float64
		want  string
	}{
		{nil, nil, "0 rows of probabilities for 0 labels, want as many and at least one"},
		{[]int{0, 0}, [][]float64{{1}}, "1 rows of probabilities for 2 labels, want as many and at least one"},
		{[]int{0, 2}, [][]float64{{1, 0}, {0, 1}}, "row 1: label 2 of 2 probabilities, the first row has 2"},
		{[]int{-1}, [][]float64{{1, 0}}, "row 0: label -1 of 2 probabilities, the first row has 2"},
		{[]int{0, 0}, [][]float64{{1, 0}, {1}}, "row 1: label 0 of 1 probabilities, the first row has 2"},
		{[]int{0}, [][]float64{{1.5, -0.5}}, "row 0: probability 1.5, want 0 to 1"},
		{[]int{0}, [][]float64{{-0.25, 1}}, "row 0: probability -0.25, want 0 to 1"},
		{[]int{0}, [][]float64{{0.5, 0.5625}}, "row 0: probabilities add up to 1.0625, want 1"},
		{[]int{0}, [][]float64{{0.5, 0.4375}}, "row 0: probabilities add up to 0.9375, want 1"},
		{[]int{0, 1}, [][]float64{{1, 0}, {0.5, 0.5 + 9e-7}}, ""},
	} {
		for name, score := range scores {
			want := tt.want
			if want != "" {
				want = "metrics: " + name + ": " + want
			}
			checkError(t, name, score(tt.truth, tt.p), want)
		}
		if _, err := EqualCountECE(tt.truth, tt.p, 1); (err != nil) != (tt.want != "") {
			t.Errorf("equal counts: %v, want %q", err, tt.want)
		}
		if _, err := ClasswiseECE(tt.truth, tt.p, 1); (err != nil) != (tt.want != "") {
			t.Errorf("by classes: %v, want %q", err, tt.want)
		}
	}
}

func TestErrorsOfBinsSharesAndScores(t *testing.T) {
	truth, p := []int{0, 1}, [][]float64{{1, 0}, {0.5, 0.5}}
	_, err := ECE(truth, p, 0, 0)
	checkError(t, "ece", err, "metrics: ece: 0 bins, want at least 1")
	_, err = ClasswiseECE(truth, p, 0)
	checkError(t, "by classes", err, "metrics: ece: 0 bins, want at least 1")
	for bins, want := range map[int]string{0: "metrics: ece: 0 bins of 2 rows", 3: "metrics: ece: 3 bins of 2 rows", 2: "", 1: ""} {
		_, err = EqualCountECE(truth, p, bins)
		checkError(t, "equal counts", err, want)
	}
	inf := math.Inf(1)
	for _, tt := range []struct {
		truth  []int
		scores [][]float64
		want   string
	}{
		{nil, nil, "0 rows of scores for 0 labels, want as many and at least one"},
		{[]int{1}, [][]float64{{1, 2}, {2, 1}}, "2 rows of scores for 1 labels, want as many and at least one"},
		{[]int{0, 2}, [][]float64{{1, 2}, {2, 1}}, "row 1: 2 scores, label 2: want 2 finite ones and a label of theirs"},
		{[]int{0, -1}, [][]float64{{1, 2}, {2, 1}}, "row 1: 2 scores, label -1: want 2 finite ones and a label of theirs"},
		{[]int{0, 1}, [][]float64{{1, 2}, {2, 1, 3}}, "row 1: 3 scores, label 1: want 2 finite ones and a label of theirs"},
		{[]int{0, 1}, [][]float64{{1, math.NaN()}, {2, 1}}, "row 0: 2 scores, label 0: want 2 finite ones and a label of theirs"},
		{[]int{0, 1}, [][]float64{{1, 2}, {-inf, 1}}, "row 1: 2 scores, label 1: want 2 finite ones and a label of theirs"},
		{[]int{0, 1}, [][]float64{{1, 2}, {2, inf}}, "row 1: 2 scores, label 1: want 2 finite ones and a label of theirs"},
	} {
		_, _, _, err := AUROC(tt.truth, tt.scores)
		checkError(t, "scores", err, "metrics: auroc: "+tt.want)
	}
	_, _, _, err = GapClosed(0.5, -0.25, 0.75)
	checkError(t, "gap", err, "metrics: gap closed: accuracy -0.25, want 0 to 1")
	_, _, _, err = GapClosed(0.5, 0.25, 1.25)
	checkError(t, "gap", err, "metrics: gap closed: accuracy 1.25, want 0 to 1")
	_, err = NewConfusion([]int{0}, []int{0}, 0)
	checkError(t, "classes", err, "metrics: confusion: 0 classes, want at least 1")
}

// Three classes of which nobody has the third: pairs in order count 1, ties 1/2.
func TestAUROCByHand(t *testing.T) {
	// Scores of class 0: 3, 1 for its rows; 1, 0 for the others: (1 + 1 + 1/2 + 1)/4 = 7/8.
	// Scores of class 1: rows 5, 2; others 2, 4: pairs 5>2, 5>4, 2=2, 2<4: 5/8.
	truth := []int{0, 0, 1, 1}
	scores := [][]float64{{3, 2, 9}, {1, 4, 8}, {1, 5, 7}, {0, 2, 6}}
	r, classes, weighted, err := AUROC(truth, scores)
	if err != nil || r.Name != "auroc" || r.N != 4 || r.Degenerate || !near(r.Value, 0.75) || !near(weighted, 0.75) || len(classes) != 3 || !near(classes[0], 7.0/8) || !near(classes[1], 5.0/8) || !math.IsNaN(classes[2]) {
		t.Errorf("%+v, %v, %v, %v", r, classes, weighted, err)
	}
	if !slices.Equal(r.Warnings, []string{"1 classes left out: all rows or none are of them"}) {
		t.Errorf("warnings %q", r.Warnings)
	}
	// One row of class 0 and three of class 1: the weights are 1/4 and 3/4.
	r, classes, weighted, err = AUROC([]int{0, 1, 1, 1}, [][]float64{{2, 5}, {1, 4}, {3, 6}, {4, 7}})
	if err != nil || !near(classes[0], 1.0/3) || !near(classes[1], 2.0/3) || !near(r.Value, 0.5) || !near(weighted, 1.0/12+0.5) || r.Warnings != nil {
		t.Errorf("%+v, %v, %v, %v", r, classes, weighted, err)
	}
	// One class alone: no area, and no number beside it.
	r, classes, weighted, err = AUROC([]int{1, 1}, [][]float64{{0, 1}, {0, 2}})
	if err != nil || !r.Degenerate || r.Value != 0 || weighted != 0 || len(classes) != 2 || r.P != nil || len(r.Warnings) != 2 {
		t.Errorf("one class: %+v, %v, %v, %v", r, classes, weighted, err)
	}
}

// Two bins of top labels at 0.75 and 1: bin (0.5, 1] of both, hits 1 of 2.
func TestCalibrationByHand(t *testing.T) {
	truth := []int{0, 1, 1, 0}
	p := [][]float64{{0.5, 0.5}, {0.5, 0.5}, {0.25, 0.75}, {0, 1}}
	k, err := ECE(truth, p, 2, 0)
	if err != nil || len(k.Bins) != 2 {
		t.Fatal(k, err)
	}
	low, high := k.Bins[0], k.Bins[1] // an edge belongs to the lower bin; equal probabilities choose the first class
	if low.N != 2 || low.Confidence != 0.5 || low.Hits != 0.5 || high.N != 2 || high.Confidence != 0.875 || high.Hits != 0.5 {
		t.Errorf("bins %+v", k.Bins)
	}
	if k.Error != 0.375/2 || k.Largest != 0.375 {
		t.Errorf("error %v, largest %v", k.Error, k.Largest)
	}
	// Wilson's interval of 1 hit in 2 at z^2 = 3.8414588206941254: 1/2 -+ z sqrt(1/8 + z^2/16) / (1 + z^2/2).
	const z2 = 3.8414588206941254
	half := math.Sqrt(z2) * math.Sqrt(1.0/8+z2/16) / (1 + z2/2)
	if !near(high.Low, 0.5-half) || !near(high.High, 0.5+half) {
		t.Errorf("interval %v to %v, want 1/2 -+ %v", high.Low, high.High, half)
	}
	// Class 0: probabilities 1/2, 1/2, 1/4, 0 in the lower bin, hits 1 and 1 of 4: |5/16 - 1/2| = 3/16. Class 1: lower bin
	// 1/2, 1/2 with one hit: 0; upper 3/4 and 1 with one hit: 3/8 of half the rows. Mean (3/16 + 3/16)/2.
	if e, err := ClasswiseECE(truth, p, 2); err != nil || !near(e, 3.0/16) {
		t.Errorf("by classes %v, %v", e, err)
	}
	// Three groups of 2, 1, 1 rows: 0; |3/4 - 1| = 1/4 of one row; |1 - 0| = 1 of one row.
	if e, err := EqualCountECE(truth, p, 3); err != nil || !near(e, 1.25/4) {
		t.Errorf("equal counts %v, %v", e, err)
	}
}

// Five rows in two groups: three and two, the larger first. Confidences 0.5, 0.6, 0.7 | 0.8, 0.9 with hits 1, 0, 1 | 1, 1:
// |0.6 - 2/3| of three fifths and |0.85 - 1| of two.
func TestGroupsOfUnequalSize(t *testing.T) {
	truth := []int{0, 1, 0, 0, 0}
	p := [][]float64{{0.5, 0.5}, {0.6, 0.4}, {0.7, 0.3}, {0.8, 0.2}, {0.9, 0.1}}
	if e, err := EqualCountECE(truth, p, 2); err != nil || !near(e, (2.0/3-0.6)*0.6+0.15*0.4) {
		t.Errorf("equal counts %v, %v", e, err)
	}
}

// The floor of one bin of n rows of confidence c is E|c - Bin(n, c)/n|. Certain rows have none.
func TestFloorByHand(t *testing.T) {
	const n, c = 3, 0.75
	want := 0.0
	for k, ways := range []float64{1, 3, 3, 1} {
		want += ways * math.Pow(c, float64(k)) * math.Pow(1-c, n-float64(k)) * math.Abs(c-float64(k)/n)
	}
	row := []float64{c, 1 - c}
	var mean float64
	for seed := range uint64(40) { // 4000 draws: a standard error of 0.0025
		k, err := ECE([]int{0, 0, 0}, [][]float64{row, row, row}, 1, seed)
		if err != nil {
			t.Fatal(err)
		}
		mean += k.Floor / 40
	}
	if !(math.Abs(mean-want) <= 0.01) {
		t.Errorf("floor %v, want %v", mean, want)
	}
	if k, err := ECE([]int{1}, [][]float64{{1, 0}}, 1, 0); err != nil || k.Floor != 0 || k.Error != 1 {
		t.Errorf("certain and wrong: %+v, %v", k, err)
	}
}

// Scores of a 3 x 3 table by hand, and what they say where they are not defined.
func TestScoresByHand(t *testing.T) {
	// Class 0: 2 of 3 right; class 1: 1 of 1; class 2 neither present nor predicted. F1: 4/5, 2/3.
	c, err := NewConfusion([]int{0, 0, 0, 1}, []int{0, 0, 1, 1}, 3)
	if err != nil {
		t.Fatal(err)
	}
	w, a, k, m := c.WeightedF1(), c.AdjustedBalanced(), c.Kappa(), c.Matthews()
	if w.Name != "weighted-f1" || w.N != 4 || !near(w.Value, (0.8*3+2.0/3)/4) {
		t.Errorf("%+v", w)
	}
	if a.Name != "balanced-adjusted" || a.N != 4 || !near(a.Value, 2*(5.0/6)-1) || !slices.Equal(a.Warnings, []string{"1 classes left out: without test rows"}) {
		t.Errorf("%+v", a)
	}
	if k.Name != "kappa" || k.N != 4 || !near(k.Value, (0.75-0.5)/0.5) {
		t.Errorf("%+v", k)
	}
	if m.Name != "matthews" || m.N != 4 || !near(m.Value, (4*3-8)/math.Sqrt(8*6)) {
		t.Errorf("%+v", m)
	}
	one, err := NewConfusion([]int{0, 0}, []int{0, 1}, 2)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []struct {
		name string
		got  []string
		zero float64
		want string
	}{
		{"adjusted", one.AdjustedBalanced().Warnings, one.AdjustedBalanced().Value, "collapsed: one class in the truth"},
		{"Matthews", one.Matthews().Warnings, one.Matthews().Value, "collapsed: one class in truth or predictions"},
	} {
		if !slices.Contains(r.got, r.want) || r.zero != 0 {
			t.Errorf("%s: %q of %v, want %q", r.name, r.got, r.zero, r.want)
		}
	}
	full, err := NewConfusion([]int{0, 1}, []int{0, 1}, 2)
	if err != nil {
		t.Fatal(err)
	}
	if r := full.BalancedAccuracy(); r.Name != "balanced-accuracy" || r.N != 2 || r.Warnings != nil || r.Value != 1 {
		t.Errorf("all classes there: %+v", r)
	}
	if _, ok, reason, _ := GapClosed(0.7, 0.6, 0.604); ok || reason != "the oracle is 0.0040 above source-only, less than 0.005" {
		t.Errorf("small gap: %q", reason)
	}
	if share, ok, reason, err := GapClosed(0.25, 0.25, 0.2578125); !ok || share != 0 || reason != "" || err != nil { // 1/128 apart
		t.Errorf("a gap above 0.005: %v, %v, %q, %v", share, ok, reason, err)
	}
	if share, ok, _, err := GapClosed(2, 0.5, 1); ok || share != 0 || err == nil {
		t.Errorf("an accuracy of 2: %v, %v, %v", share, ok, err)
	}
	if share, ok, _, err := GapClosed(0, 0, 1); !ok || err != nil || share != 0 {
		t.Errorf("nothing right at the source: %v, %v, %v", share, ok, err)
	}
}
