package critic

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/kernels"
)

// ready is a critic or a density of rows of unequal widths, and how it builds its passes.
func ready(t *testing.T, x, y *mat.Dense, o Options) map[string]struct {
	*training
	build func(rows int, gradients bool) (*pass, error)
} {
	t.Helper()
	c, err := newCritic(o.filled(), x, y, 3)
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDensity(o.filled(), x, y, 3)
	if err != nil {
		t.Fatal(err)
	}
	cx, cy := c.scaleX.Apply(x), c.scaleY.Apply(y)
	return map[string]struct {
		*training
		build func(rows int, gradients bool) (*pass, error)
	}{
		"critic":  {&c.training, func(rows int, gradients bool) (*pass, error) { return c.lossPass(cx, cy, rows, gradients) }},
		"density": {&d.training, func(rows int, gradients bool) (*pass, error) { return d.lossPass(cx, cy, rows, gradients) }},
	}
}

// unequal are rows of one column and of two.
func unequal(n int) (x, y *mat.Dense) {
	x, y = correlated(n, 2, 0.9, 4)
	return mat.DenseCopyOf(x.Slice(0, n, 0, 1)), y
}

// The loss of a critic is the mean cross-entropy of its scores: of pairs, as 1, and of broken ones, as 0.
func TestCriticLossByItsScores(t *testing.T) {
	x, y := unequal(40)
	c, err := newCritic(Options{Width: 8}.filled(), x, y, 3)
	if err != nil {
		t.Fatal(err)
	}
	s, err := c.lossPass(c.scaleX.Apply(x), c.scaleY.Apply(y), 3, false)
	if err != nil {
		t.Fatal(err)
	}
	s.fill([]int{7, 30, 12}, 0) // broken: 7 with 30, 30 with 12, 12 with 7
	if err := s.program.Run(); err != nil {
		t.Fatal(err)
	}
	f, err := c.scores(x, y)
	if err != nil {
		t.Fatal(err)
	}
	var want float64
	for _, pair := range [][3]int{{7, 7, -1}, {30, 30, -1}, {12, 12, -1}, {7, 30, 1}, {30, 12, 1}, {12, 7, 1}} {
		want += math.Log1p(math.Exp(float64(pair[2])*f.At(pair[0], pair[1]))) / 3
	}
	if !(math.Abs(s.loss()-want) <= 1e-6) {
		t.Errorf("loss %v, want %v", s.loss(), want)
	}
}

// The loss of a density is the mean of its negative log densities, but for the constant and the change of units.
func TestDensityLossByItsLaw(t *testing.T) {
	x, y := unequal(40)
	d, err := newDensity(Options{Width: 8}.filled(), x, y, 3)
	if err != nil {
		t.Fatal(err)
	}
	s, err := d.lossPass(d.scaleX.Apply(x), d.scaleY.Apply(y), 3, false)
	if err != nil {
		t.Fatal(err)
	}
	rows := []int{7, 30, 12}
	s.fill(rows, 0)
	if err := s.program.Run(); err != nil {
		t.Fatal(err)
	}
	law, err := d.logDensity(x, y)
	if err != nil {
		t.Fatal(err)
	}
	constant := -math.Log(2 * math.Pi)
	for _, inverse := range d.scaleY.Inverse {
		constant += math.Log(inverse)
	}
	want := constant
	for _, i := range rows {
		want -= law.At(i, i) / 3
	}
	if !(math.Abs(s.loss()-want) <= 1e-5) {
		t.Errorf("loss %v, want %v", s.loss(), want)
	}
}

// A network whose parameters all are so that every unit is known: 2 inputs, 3 units, leaky-relu of slope 0.2.
func TestCriticByHand(t *testing.T) {
	x, y := correlated(40, 1, 0.5, 1)
	c, err := newCritic(Options{Width: 3}.filled(), x, y, 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range c.trained() {
		switch {
		case strings.HasSuffix(p.Name, "bias"):
			p.Fill(0)
		case strings.HasSuffix(p.Name, "linear2/weight"):
			p.Fill(-1)
		default:
			p.Fill(1)
		}
	}
	f, err := c.scores(x, y)
	if err != nil {
		t.Fatal(err)
	}
	leaky := func(v float64) float64 { return max(v, 0.2*v) }
	sx, sy := c.scaleX.Apply(x), c.scaleY.Apply(y)
	for i := range 40 {
		want := 3 * leaky(-3*leaky(sx.At(i, 0)+sy.At(i/2, 0)))
		if got := f.At(i, i/2); !(math.Abs(got-want) <= 1e-5) {
			t.Fatalf("pair %d, %d: %v, want %v", i, i/2, got, want)
		}
	}
}

// A fifth of the rows is held out and looked at every fifty updates and at the end; the others are drawn, none twice in
// an update, and partners moved by what the look or a draw says.
func TestLoopByItsCalls(t *testing.T) {
	x, y := unequal(43)
	for name, k := range ready(t, x, y, Options{Width: 4, Steps: 120, Batch: 16}) {
		var asked []string
		var looks []int // shifts
		var held []int
		updated, shifts := map[int]bool{}, map[int]bool{}
		err := k.run(43, func(rows int, gradients bool) (*pass, error) {
			asked = append(asked, fmt.Sprint(rows, gradients))
			s, err := k.build(rows, gradients)
			if err != nil {
				return nil, err
			}
			fill := s.fill
			s.fill = func(drawn []int, shift int) {
				if sorted := slices.Sorted(slices.Values(drawn)); len(slices.Compact(sorted)) != rows {
					t.Errorf("%s: %v drawn, want %d rows", name, drawn, rows)
				}
				if gradients {
					shifts[shift] = true
					for _, i := range drawn {
						updated[i] = true
					}
				} else {
					looks, held = append(looks, shift), slices.Clone(drawn)
				}
				fill(drawn, shift)
			}
			return s, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(asked, []string{"16 true", "8 false"}) || !slices.Equal(looks, []int{1, 2, 2}) {
			t.Errorf("%s: passes of %q, looks %v; want 16 rows of an update, 8 held out, looks 1, 2 and 2", name, asked, looks)
		}
		for _, i := range held {
			updated[i] = !updated[i] // none of these is there yet
		}
		if len(updated) != 43 || slices.ContainsFunc(held, func(i int) bool { return !updated[i] }) {
			t.Errorf("%s: %d rows seen, %v held out; want 43, none of the latter trained on", name, len(updated), held)
		}
		if k.optimiser.Steps != 120 || len(shifts) != 16 {
			t.Errorf("%s: %d updates, shifts %v; want 120, of 0 to 15", name, k.optimiser.Steps, shifts)
		}
		if o := k.optimiser; o.Adam != (kernels.Adam{Rate: 5e-4, Beta1: 0.9, Beta2: 0.999, Epsilon: 1e-8}) || o.Clip != 0 {
			t.Errorf("%s: optimiser %+v of clip %v, want Adam's defaults and no clip", name, o.Adam, o.Clip)
		}
	}
}

// A training ends at the first look without a lower loss where patience is 1, and not before.
func TestPatience(t *testing.T) {
	x, y := unequal(43)
	for name, k := range ready(t, x, y, Options{Width: 32, Steps: 5000, Batch: 34, Rate: 0.02, Patience: 1}) {
		var losses []float64
		var last *pass
		err := k.run(43, func(rows int, gradients bool) (*pass, error) {
			s, err := k.build(rows, gradients)
			if err != nil || gradients {
				return s, err
			}
			last = s
			fill := s.fill
			s.fill = func(drawn []int, shift int) {
				if shift > 1 { // the look before
					losses = append(losses, s.loss())
				}
				fill(drawn, shift)
			}
			return s, nil
		})
		if err != nil {
			t.Fatal(err)
		}
		losses = append(losses, last.loss())
		n := len(losses)
		if n < 2 || n > 50 || k.optimiser.Steps != 50*n || losses[n-1] < losses[n-2] || !slices.IsSortedFunc(losses[:n-1], func(a, b float64) int { return cmp.Compare(b, a) }) {
			t.Errorf("%s: looks of losses %v after %d updates, want them to fall but for the last", name, losses, k.optimiser.Steps)
		}
	}
}

// What cannot be built ends a training, and so does a loss that is no number.
func TestLoopFaults(t *testing.T) {
	x, y := unequal(43)
	bad := errors.New("bad")
	for name, k := range ready(t, x, y, Options{Width: 4, Steps: 3, Rate: 0.25}) {
		for _, fails := range []bool{true, false} {
			if err := k.run(43, func(rows int, gradients bool) (*pass, error) {
				if gradients == fails {
					return nil, bad
				}
				return k.build(rows, gradients)
			}); err != bad {
				t.Errorf("%s: %v, want the fault of the pass", name, err)
			}
		}
		k.trained()[0].Fill(float32(math.NaN()))
		if err := k.run(43, k.build); fmt.Sprint(err) != "models: "+name+": step 1: loss is NaN (learning rate 0.25)" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Scores of more pairs than are made at once, of unequal numbers of rows, are those of each pair alone.
func TestScoresOfManyPairs(t *testing.T) {
	x, y := unequal(scoreBatch + 10)
	few := func(m *mat.Dense, n int) *mat.Dense { _, d := m.Dims(); return mat.DenseCopyOf(m.Slice(0, n, 0, d)) }
	c, err := newCritic(Options{Width: 4}.filled(), x, y, 3)
	if err != nil {
		t.Fatal(err)
	}
	d, err := newDensity(Options{Width: 4}.filled(), x, y, 3)
	if err != nil {
		t.Fatal(err)
	}
	for name, of := range map[string]func(x, y *mat.Dense) (*mat.Dense, error){"critic": c.scores, "density": d.logDensity} {
		square, err := of(few(x, 2), few(y, 2))
		if err != nil {
			t.Fatal(err)
		}
		for _, size := range [][2]int{{2, scoreBatch + 10}, {scoreBatch + 10, 2}} {
			a, b := few(x, size[0]), few(y, size[1])
			all, err := of(a, b)
			if err != nil {
				t.Fatal(err)
			}
			last, err := of(mat.DenseCopyOf(a.Slice(size[0]-1, size[0], 0, 1)), mat.DenseCopyOf(b.Slice(size[1]-1, size[1], 0, 2)))
			if err != nil || !(math.Abs(last.At(0, 0)-all.At(size[0]-1, size[1]-1)) <= 1e-5) || last.At(0, 0) == 0 {
				t.Errorf("%s of %v: the last pair %v alone (%v), %v among all", name, size, last, err, all.At(size[0]-1, size[1]-1))
			}
			for i := range 2 {
				for j := range 2 {
					if !(math.Abs(square.At(i, j)-all.At(i, j)) <= 1e-5) {
						t.Errorf("%s of %v: pair %d, %d is %v, alone %v", name, size, i, j, all.At(i, j), square.At(i, j))
					}
				}
			}
		}
	}
}

// Columns in other units, eight times as large and a quarter, change no score of a critic, and the log density of a row
// of two columns by that of its unit.
func TestUnitsOfColumns(t *testing.T) {
	x, y := unequal(60)
	o := Options{Width: 4, Steps: 60, Batch: 16}
	other := func(m *mat.Dense, f float64) *mat.Dense {
		out := mat.DenseCopyOf(m)
		out.Scale(f, out)
		return out
	}
	for name, tt := range map[string]struct {
		train func(x, y *mat.Dense, seed uint64) (func(x, y *mat.Dense) (*mat.Dense, error), error)
		shift float64
	}{"critic": {Train(o), 0}, "density": {TrainDensity(o), 2 * math.Log(4)}} {
		var scores [2]*mat.Dense
		for k, units := range [][2]float64{{1, 1}, {8, 0.25}} {
			of, err := tt.train(other(x, units[0]), other(y, units[1]), 1)
			if err != nil {
				t.Fatal(err)
			}
			if scores[k], err = of(other(x, units[0]), other(y, units[1])); err != nil {
				t.Fatal(err)
			}
		}
		for i, v := range scores[0].RawMatrix().Data {
			if got := scores[1].RawMatrix().Data[i]; !(math.Abs(got-v-tt.shift) <= 1e-9) {
				t.Errorf("%s: pair %d is %v in other units, want %v", name, i, got, v+tt.shift)
				break
			}
		}
	}
}
