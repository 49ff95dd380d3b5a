package experiments

import (
	"fmt"
	"math"
	"testing"
)

// The code against raw pixels on the known test images of b: counts by what each tells, the
// mid-p value from the binomial law term by term, doubled for two classifiers that agree.
func TestKnownPaired(t *testing.T) {
	r := newKnownRun(t, t.TempDir())
	var code, pixels int
	for _, k := range knownSet(1, testSplit) {
		switch told, raw := k.told == k.class, k.raw == k.class; {
		case told && !raw:
			code++
		case raw && !told:
			pixels++
		}
	}
	n, least := code+pixels, min(code, pixels)
	tail, at := 0.0, 0.0
	for k := 0; k <= least; k++ { // C(n, k) / 2^n
		low, _ := math.Lgamma(float64(k + 1))
		high, _ := math.Lgamma(float64(n - k + 1))
		all, _ := math.Lgamma(float64(n + 1))
		at = math.Exp(all - low - high - float64(n)*math.Ln2)
		tail += at
	}
	p := min(1, 2*tail-at)
	if code <= pixels || p > 0.01 {
		t.Fatalf("%d and %d rows, p %v: the known images should tell them apart", code, pixels, p)
	}
	want := map[string]float64{}
	for _, classifier := range []string{"centroid", "knn"} {
		name := "common less source-only, " + classifier
		want[name+", accuracy"] = float64(code-pixels) / 60
		want[name+", p"] = 2 * p
	}
	found := 0
	for _, v := range r.Values {
		if v.Evaluation != "paired" {
			continue
		}
		found++
		w, ok := want[v.Name]
		if !ok || v.N != 60 {
			t.Errorf("%+v is not expected", v)
		}
		closeTo(t, v.Name, v.Value, w, 1e-9*(1+math.Abs(w)))
	}
	equal(t, "values", found, len(want))
	none := newKnownRun(t, t.TempDir(), "adapt.baselines=[]")
	equal(t, "without raw pixels", fmt.Sprint(none.Skipped), "[{network the model has no classifier of its own} {along the spec asks for no scores along the training (adapt.along)} {paired adapt.baselines leaves out source-only} {methods the spec names no adaptation methods} {correctness the drawn data do not say which values of their factors are told apart} {judging the domains are not chosen by attributes, or judges are not trained}]")
}
