package models

import (
	"math"
	"testing"
)

// The first loss that is no number ends a training; what it was before is said where it is known.
func TestCheckFinite(t *testing.T) {
	for _, tt := range []struct {
		losses []float64
		last   []Loss
		want   string
	}{
		{[]float64{0, -1e300}, nil, ""},
		{[]float64{1, math.NaN(), math.Inf(1)}, []Loss{{"zero", 2}, {"confusion", 0.123456}}, "confusion is NaN (last finite 0.1235)"},
		{[]float64{math.Inf(1)}, nil, "zero is +Inf"},
		{[]float64{1, math.Inf(-1)}, []Loss{{"zero", 2}}, "confusion is -Inf"},
	} {
		var losses []Loss
		for i, v := range tt.losses {
			losses = append(losses, Loss{[]string{"zero", "confusion", "third"}[i], v})
		}
		err := CheckFinite("didd", 7, losses, tt.last)
		if tt.want == "" {
			if err != nil {
				t.Errorf("%v: %v", tt.losses, err)
			}
			continue
		}
		if want := "models: didd: step 7: " + tt.want + "; try a lower model.train.learning_rate or a model.train.clip"; err == nil || err.Error() != want {
			t.Errorf("%v: %v, want %s", tt.losses, err, want)
		}
	}
}
