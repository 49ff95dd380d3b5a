package didd

import (
	"math"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// The threshold is between the groups whose means are farthest apart for their sizes, by hand.
func TestBestThreshold(t *testing.T) {
	for _, tt := range []struct {
		values []float64
		want   float64
		parts  bool
	}{
		{[]float64{9, 1, 10, 2}, 5.5, true},
		{[]float64{0, 0, 0, 5}, 2.5, true},
		{[]float64{-12, -11, 0, -10}, -5, true},
		// 0 | 3 4 8: 1·3·5² = 75; 0 3 | 4 8: 2·2·4.5² = 81; 0 3 4 | 8: 3·1·(17/3)² = 96⅓.
		{[]float64{8, 3, 4, 0}, 6, true},
		// 0 | 4 5 8: 3·(17/3)² = 96⅓; 0 4 | 5 8: 4·4.5² = 81; 0 4 5 | 8: 75.
		{[]float64{0, 4, 5, 8}, 2, true},
		// Equal values stay together: 1 1 | 2 has 2·1·1 = 2.
		{[]float64{1, 2, 1}, 1.5, true},
		{[]float64{7, 7, 7}, 0, false},
		{[]float64{7}, 0, false},
		{nil, 0, false},
	} {
		if got, parts := bestThreshold(tt.values); got != tt.want || parts != tt.parts {
			t.Errorf("%v: %v, %v, want %v, %v", tt.values, got, parts, tt.want, tt.parts)
		}
	}
}

// parted has a region of columns 2 to 11 of 16 and all rows. In columns 2 to 6 the variances of A are half those of B, in 7 to 11 a
// tenth; elsewhere they are equal.
func parted(t *testing.T, changes option.Values) *Model {
	t.Helper()
	m := newModel(t, 16, with(option.Values{"base": 4, "separate": 2, "region.mean": 0.5, "region.variance": 0.6, "region.margin": 0, "region.hidden": true}, changes))
	for i := range m.shape.Len() {
		ratio := float32(1)
		switch x := i % 16; {
		case x >= 2 && x <= 6:
			ratio = 0.5
		case x >= 7 && x <= 11:
			ratio = 0.1
		}
		m.region.moments[domains.A].variance.Data[i] = 0.8 * ratio
		m.region.moments[domains.B].variance.Data[i] = 0.8
	}
	return m
}

// Where A varies less than B throughout, what is A's is where it varies the least less; pixels at a border are in part the
// other's, those outside half each.
func TestWhoseARegionIs(t *testing.T) {
	r := parted(t, nil).region
	r.find()
	// Before the last mean: columns 0, 1 a half, 2 to 6 A's, 7 to 11 B's, the rest a half. The mean of ratios moves no column
	// over the threshold: 6 has ln ½ twice and ln 0.1, 7 the other way about.
	want := []float64{0.5, (0.5 + 0.5 + 1) / 3, (0.5 + 1 + 1) / 3, 1, 1, 1, 2. / 3, 1. / 3, 0, 0, 0, 0.5 / 3, 1. / 3, 0.5, 0.5, 0.5}
	for i, got := range r.owned() {
		if w := want[i%16]; !(math.Abs(float64(got)-w) <= 1e-6) {
			t.Fatalf("row %d, column %d: %v, want %v", i/16, i%16, got, w)
		}
	}
	// Rows for columns.
	for c := range 3 {
		for i := range 256 {
			for _, side := range []domains.Side{domains.A, domains.B} {
				of := r.moments[side].variance.Data
				if y, x := i/16, i%16; y < x {
					of[c*256+i], of[c*256+x*16+y] = of[c*256+x*16+y], of[c*256+i]
				}
			}
		}
	}
	r.find()
	for i, got := range r.owned() {
		if w := want[i/16]; !(math.Abs(float64(got)-w) <= 1e-6) {
			t.Fatalf("transposed, row %d, column %d: %v, want %v", i/16, i%16, got, w)
		}
	}
	// No two kinds of pixels: half of each everywhere.
	r.moments[domains.A].variance.Fill(0.1)
	r.moments[domains.B].variance.Fill(0.8)
	r.find()
	for i, got := range r.owned() {
		if got != 0.5 {
			t.Fatalf("pixel %d of a region of one kind: %v, want 0.5", i, got)
		}
	}
}

// One channel has the mean over channels decide.
func TestWhoseARegionIsByChannels(t *testing.T) {
	r := parted(t, nil).region
	for i := range 256 {
		// In the second channel B's columns are the ones in which A varies more, by half of what the first and third have.
		if x := i % 16; x >= 7 && x <= 11 {
			r.moments[domains.A].variance.Data[256+i] = 0.8 * 4
		}
	}
	// ln(0.1)·2/3 + ln(4)/3 = −1.073 is still below ln ½ = −0.693.
	r.find()
	owned := r.owned()
	if owned[5*16+4] != 1 || owned[5*16+9] != 0 {
		t.Errorf("columns 4 and 9 are A's by %v and %v, want 1 and 0", owned[5*16+4], owned[5*16+9])
	}
	for i := range 256 {
		if x := i % 16; x >= 7 && x <= 11 {
			r.moments[domains.A].variance.Data[256+i] = 0.8 * 100 // ln(0.1)·2/3 + ln(100)/3 = 0
		}
	}
	r.find()
	owned = r.owned()
	if owned[5*16+4] != 0 || owned[5*16+9] != 1 {
		t.Errorf("columns 4 and 9 are A's by %v and %v, want 0 and 1", owned[5*16+4], owned[5*16+9])
	}
}

// An image with both separate codes is that with A's where the region is A's and that with B's where it is B's.
func TestUnionByPlace(t *testing.T) {
	m := parted(t, option.Values{"region.union": true})
	codes, err := m.Encode(noise(16, 3, "content"))
	if err != nil {
		t.Fatal(err)
	}
	decoded := func(m *Model, c ...*models.Block) []float32 {
		x, err := m.Decode(3, c)
		if err != nil {
			t.Fatal(err)
		}
		return x.Data
	}
	m.region.inside = make([]bool, 256) // as after a checkpoint was read
	both := decoded(m, codes[0], codes[1], codes[2])
	a, b := decoded(m, codes[0], codes[1]), decoded(m, codes[0], codes[2])
	share := []float32{0.5, 2. / 3, 2.5 / 3, 1, 1, 1, 2. / 3, 1. / 3, 0, 0, 0, 0.5 / 3, 1. / 3, 0.5, 0.5, 0.5}
	differ := false
	for i, got := range both {
		of := share[i%16]
		if want := of*a[i] + (1-of)*b[i]; !(math.Abs(float64(got-want)) <= 1e-6) {
			t.Fatalf("value %d: %v, want %v of %v and the rest of %v", i, got, of, a[i], b[i])
		}
		differ = differ || a[i] != b[i]
	}
	if !differ {
		t.Error("both codes decode to the same, which proves nothing")
	}
	plain := parted(t, nil)
	mixed := decoded(plain, codes[0], codes[1], codes[2])
	same := true
	for i := range mixed {
		same = same && mixed[i] == both[i]
	}
	if same {
		t.Error("without the option the image is put together all the same")
	}
}
