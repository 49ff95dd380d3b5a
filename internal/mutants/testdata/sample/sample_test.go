package sample

import "testing"

func TestGap(t *testing.T) {
	for _, tt := range []struct {
		p   pair
		gap int
		far bool
	}{{pair{1, 5}, 4, true}, {pair{2, 5}, 3, false}, {pair{5, 1}, -4, false}} {
		if gap, far := Gap(tt.p); gap != tt.gap || far != tt.far {
			t.Errorf("%v: %d, %v", tt.p, gap, far)
		}
	}
}

func TestMean(t *testing.T) { // says nothing of no values, nor of what is returned with an error
	if m, _ := Mean([]float64{1, 2, 6}); m != 3 {
		t.Errorf("%v", m)
	}
}
