package winograd

import (
	"math"
	"reflect"
	"testing"
)

// The published F(4, 3): Lavin and Gray, section 5.2.
func TestMapsOfFourAndThree(t *testing.T) {
	m := Of(4, 3)
	want := Matrix{{4, 0, -5, 0, 1, 0}, {0, -4, -4, 1, 1, 0}, {0, 4, -4, -1, 1, 0}, {0, -2, -1, 2, 1, 0}, {0, 2, -1, -2, 1, 0}, {0, 4, 0, -5, 0, 1}}
	for i := range want {
		for j := range want[i] {
			if m.Analyse[i][j] != want[i][j] {
				t.Errorf("analyse[%d][%d]: %v, want %v", i, j, m.Analyse[i][j], want[i][j])
			}
		}
	}
	weigh := Matrix{{1. / 4, 0, 0}, {-1. / 6, -1. / 6, -1. / 6}, {-1. / 6, 1. / 6, -1. / 6}, {1. / 24, 1. / 12, 1. / 6}, {1. / 24, -1. / 12, 1. / 6}, {0, 0, 1}}
	if !reflect.DeepEqual(m.Weigh, weigh) {
		t.Errorf("weigh %v, want %v", m.Weigh, weigh)
	}
	gather := Matrix{{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}}
	if !reflect.DeepEqual(m.Gather, gather) {
		t.Errorf("gather %v, want %v", m.Gather, gather)
	}
}

// Every form is the convolution that it stands for, on units of both operands.
func TestMapsAgainstTheSum(t *testing.T) {
	for _, size := range [][2]int{{2, 2}, {2, 3}, {3, 2}, {4, 2}, {4, 3}, {3, 3}, {5, 2}} {
		n, r := size[0], size[1]
		m := Of(n, r)
		for d := range n + r - 1 {
			for g := range r {
				for i := range n {
					got := 0.0
					for s := range m.Gather[i] {
						got += m.Gather[i][s] * m.Weigh[s][g] * m.Analyse[s][d]
					}
					want := 0.0
					if i+g == d {
						want = 1
					}
					if !(math.Abs(got-want) <= 1e-14) {
						t.Errorf("F(%d, %d): input %d by tap %d in output %d: %v, want %v", n, r, d, g, i, got, want)
					}
				}
			}
		}
	}
}
