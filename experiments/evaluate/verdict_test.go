package evaluate

import (
	"math"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/models"
)

// The cosine about a centre: at right angles to it, along it, and over a scale that leaves a
// column of no deviation out.
func TestCosine(t *testing.T) {
	for _, tt := range []struct {
		x, y          []float32
		centre, scale []float64
		want          float64
	}{
		{[]float32{1, 0}, []float32{0, 1}, []float64{0, 0}, nil, 0},
		{[]float32{2, 1}, []float32{1, 2}, []float64{1, 1}, nil, 0},
		{[]float32{3, 4}, []float32{4, 3}, []float64{0, 0}, nil, 24. / 25},
		{[]float32{3, 4}, []float32{4, 3}, []float64{0, 0}, []float64{2, 0.5}, (3*4/4. + 4*3*4.) / math.Sqrt((9./4+64)*(4+36))},
		{[]float32{3, 4}, []float32{-1, 4}, []float64{0, 0}, []float64{2, 0}, -1},
		{[]float32{1, 1}, []float32{5, 1}, []float64{1, 1}, nil, 0},
		{[]float32{5, 1}, []float32{1, 1}, []float64{1, 1}, nil, 0},
	} {
		if got := cosine(tt.x, tt.y, tt.centre, tt.scale); !(math.Abs(got-tt.want) <= 1e-12) {
			t.Errorf("cosine of %v and %v about %v over %v is %v, want %v", tt.x, tt.y, tt.centre, tt.scale, got, tt.want)
		}
	}
	if columnMeans(nil) != nil || !slices.Equal(columnMeans(&models.Block{N: 2, D: 2, Data: []float32{1, 2, 3, 6}}), []float64{2, 4}) {
		t.Error("means of columns")
	}
}

// An average is the mean, with an interval inside the values that one value alone has none of;
// a share has Wilson's.
func TestAverageAndShare(t *testing.T) {
	e, err := average([]float64{1, 2, 6, 7}, 0, "x")
	if err != nil || e.Value != 4 || e.N != 4 || !(1 <= e.Interval[0] && e.Interval[0] < 3 && 5 < e.Interval[1] && e.Interval[1] <= 7) {
		t.Errorf("average %+v, %v", e, err)
	}
	s, err := share([]bool{true, false, true, true})
	low, high := wilsonByHand(3, 4)
	if err != nil || s.Value != 0.75 || s.N != 4 || !(math.Abs(s.Interval[0]-low) <= 1e-12) || !(math.Abs(s.Interval[1]-high) <= 1e-12) {
		t.Errorf("share %+v, %v", s, err)
	}
}

// wilsonByHand is (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n).
func wilsonByHand(hits, n int) (low, high float64) {
	const z = 1.959963984540054
	p, m := float64(hits)/float64(n), float64(n)
	centre, half := p+z*z/(2*m), z*math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return (centre - half) / (1 + z*z/m), (centre + half) / (1 + z*z/m)
}
