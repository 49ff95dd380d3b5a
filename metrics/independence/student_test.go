package independence

import (
	"fmt"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

// The t-test warns where a block is too narrow for its law, and only there; other tests do not.
func TestNarrowBlocksOfTheTTest(t *testing.T) {
	r := stream.New(1, "narrow")
	draw := func(d int) *mat.Dense {
		x := mat.NewDense(20, d, nil)
		x.Apply(func(_, _ int, _ float64) float64 { return r.NormFloat64() }, x)
		return x
	}
	for _, tt := range []struct {
		test           Test
		widthX, widthY int
		warned         bool
	}{{StudentT, 3, 1, true}, {StudentT, 8, 7, true}, {StudentT, 7, 8, true}, {StudentT, 8, 8, false}, {ChiSquare, 3, 1, false}} {
		got, err := correlation("dcor", U, tt.test).Measure(draw(tt.widthX), draw(tt.widthY), metrics.Settings{})
		if err != nil {
			t.Fatal(err)
		}
		text := fmt.Sprint(got.Warnings)
		if warned := strings.Contains(text, fmt.Sprintf("with %d and %d columns, fewer than 8", tt.widthX, tt.widthY)); warned != tt.warned || strings.Contains(text, "columns") != tt.warned {
			t.Errorf("%v of %d and %d columns: %s", tt.test, tt.widthX, tt.widthY, text)
		}
	}
}
