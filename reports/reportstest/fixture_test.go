package reportstest

import "testing"

// Numbers are the same within a millionth of one and both their sizes.
func TestSameNumber(t *testing.T) {
	for _, tt := range []struct {
		a, b float64
		want bool
	}{
		{0, 0, true}, {0, 0.9e-6, true}, {0, 1.1e-6, false}, {5, 5 + 1.05e-5, true}, {5, 5 + 1.15e-5, false}, {-5, -5 - 1.05e-5, true},
		{-5, 5, false}, {1e6, 1e6 + 1.9, true}, {1e6, 1e6 + 2.1, false},
	} {
		if SameNumber(tt.a, tt.b) != tt.want || SameNumber(tt.b, tt.a) != tt.want {
			t.Errorf("%v and %v: want %v", tt.a, tt.b, tt.want)
		}
	}
}

// Runs by hand are of every label with every seed, and a seed moves their numbers.
func TestFixture(t *testing.T) {
	runs := Fixture(t, []string{"x", "y"}, 0, 3)
	if len(runs) != 4 || runs[2].Results.Label != "y" || runs[3].Results.Seed != 3 || runs[3].Results.Job != "000000000003" {
		t.Fatalf("%d runs", len(runs))
	}
	for i, want := range []float64{0, 0.03, 0, 0.03} {
		r := runs[i]
		for name, moved := range map[string]float64{
			"accuracy": r.Results.Accuracy[0].Target.Accuracy - 0.9, "low": r.Results.Accuracy[0].Target.Interval[0] - 0.81, "high": r.Results.Accuracy[0].Target.Interval[1] - 0.98,
			"recall": r.Results.Accuracy[0].Target.Recall[1] - 0.9, "Brier": r.Results.ClassScores[0].Brier - 0.2, "distance": 10 * (r.Results.Discrepancy[0].Value - 0.02),
			"leakage": r.Results.Leakage[0].Score - 0.9, "value": r.Results.Values[0].Value - 0.5, "face": r.Results.Faces.Rows[2].Target.Value - 0.6,
			"L1": r.Results.Reconstruction[0].L1.Value - 0.1, "first loss": r.Curves[0].Values[0] - 1, "last of the last": r.Curves[3].Values[11] - 0.1,
		} {
			if !SameNumber(moved, want) {
				t.Errorf("run %d: %s moved by %v, want %v", i, name, moved, want)
			}
		}
	}
	if w, h := (&SizedRecorder{W: 3, H: 4}).Size(); w != 3 || h != 4 {
		t.Errorf("paper of %v x %v", w, h)
	}
}
