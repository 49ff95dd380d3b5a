package evaluate

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/experiments/toy"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// An own separate code that is the same for every image is told as one that carries
// nothing, in numbers that JSON can hold.
func TestDiagnosisOfEmptyCodes(t *testing.T) {
	dir := openToy(t)
	block := func(role models.Role, d int, value func(i int) float32) *models.Block {
		b := models.NewBlock(role, 5, d, 1)
		for i := range b.Data {
			b.Data[i] = value(i)
		}
		return b
	}
	flat := func(int) float32 { return 0 }
	codes := models.Codes{block(models.Common, 3, func(i int) float32 { return float32(i * i % 7) }), block(models.SeparateA, 2, flat), block(models.SeparateB, 2, flat)}
	w := &Subject{Dir: dir, Results: &reports.Results{}}
	if err := w.diagnose(&Codes{{codes, codes}, {codes, codes}}); err != nil {
		t.Fatal(err)
	}
	if len(w.Results.Diagnosis) != 6 { // two of each separate code, one of each common one; nothing of a discriminator
		t.Errorf("%d checks", len(w.Results.Diagnosis))
	}
	found := 0
	for _, c := range w.Results.Diagnosis {
		if strings.HasPrefix(c.Name, "variance of separate code") {
			found++
			if c.OK || c.Value != 1 {
				t.Errorf("%s is %v, ok %v", c.Name, c.Value, c.OK)
			}
		}
	}
	if found != 2 {
		t.Errorf("%d checks of variance, want 2", found)
	}
	if _, err := json.Marshal(w.Results); err != nil {
		t.Error(err)
	}
}

// A telling discriminator takes 20 images of a for those of A but for some, and all 20 of b,
// whatever the codes.
type telling struct {
	wrong    int
	reversed bool // takes those of b for those of A too
	asked    int
	models.Model
}

func (d *telling) Encode(*domains.Images) (models.Codes, error) { return nil, nil }

func (d *telling) Discriminate(models.Codes) (*models.Block, error) {
	out := models.NewBlock("", 20, 1, 1)
	for i := range out.Data {
		if out.Data[i] = 1; d.asked == 1 != d.reversed || d.asked == 0 && i < d.wrong {
			out.Data[i] = 0 // on the border is not of A
		}
	}
	d.asked++
	return out, nil
}

// At its bound a check is not below it: a quarter of the channels collapsed, a quarter of the
// variance left, an L1 of 0.12, a discriminator that is right in 95 of 100.
func TestDiagnosisAtTheBounds(t *testing.T) {
	for _, beyond := range []bool{false, true} {
		dir := openToy(t)
		wrong, l1, flat, residual := 2, 0.12, float32(0), float32(1)
		if !beyond {
			wrong, l1, flat, residual = 3, 0.1199, 1, 0.99
		}
		common := &models.Block{Role: models.Common, N: 2, D: 4, Channels: 4, Data: []float32{0, 0, 0, 0, 1, 1, 1, flat}}
		of := func(scale float32) models.Codes {
			return models.Codes{common, {Role: models.SeparateA, N: 2, D: 1, Channels: 1, Data: []float32{0, scale}}, {Role: models.SeparateB, N: 2, D: 1, Channels: 1, Data: []float32{0, scale}}}
		}
		// The separate codes of b's images for b, twice as far apart as those of a's: of a's
		// own code on b four times the variance, of b's on a a quarter.
		w := &Subject{Dir: dir, Model: &telling{wrong: wrong}, Results: &reports.Results{Reconstruction: []reports.Reconstruction{{Domain: "a", L1: reports.Estimate{Value: l1}}}}}
		if err := w.diagnose(&Codes{{nil, of(residual)}, {nil, of(2)}}); err != nil {
			t.Fatal(err)
		}
		for _, c := range w.Results.Diagnosis {
			switch c.Name {
			case "variance of separate code b on a over that on b", "reconstruction L1 on a", "collapsed channels of the common code on a", "discriminator accuracy":
				if c.OK == beyond {
					t.Errorf("%s is %v, ok %v", c.Name, c.Value, c.OK)
				}
			case "variance of separate code a on b over that on a":
				if c.OK || c.Value < 4 {
					t.Errorf("%s is %v, ok %v", c.Name, c.Value, c.OK)
				}
			}
		}
		if len(w.Results.Diagnosis) != 8 {
			t.Errorf("%d checks", len(w.Results.Diagnosis))
		}
	}
}

// A mean of exactly 0.05, a fifth of one value in five, is not below it; a discriminator that
// is never right is one, and no discriminator is none.
func TestDiagnosisOfZeros(t *testing.T) {
	flat := &models.Block{Role: models.Common, N: 5, D: 1, Channels: 1, Data: []float32{1, 2, 3, 4, 5}}
	code := func(first float32) models.Codes {
		return models.Codes{flat, {Role: models.SeparateA, N: 5, D: 1, Channels: 1, Data: []float32{first, 0, 0, 0, 0}}, {Role: models.SeparateB, N: 5, D: 1, Channels: 1, Data: []float32{first, 0, 0, 0, 0}}}
	}
	for _, told := range []bool{false, true} {
		w := &Subject{Dir: openToy(t), Results: &reports.Results{}}
		if told {
			w.Model = &telling{wrong: 20, reversed: true}
		}
		if err := w.diagnose(&Codes{{nil, code(0.25)}, {nil, code(0.2499)}}); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range w.Results.Diagnosis {
			if strings.HasPrefix(c.Name, "zero loss") || strings.HasPrefix(c.Name, "discriminator") {
				got = append(got, fmt.Sprint(c.Name, " ", c.OK))
			}
		}
		want := "zero loss of separate code a on b true, zero loss of separate code b on a false"
		if told {
			want += ", discriminator accuracy true"
		}
		equal(t, "checks", strings.Join(got, ", "), want)
	}
}

// Channels of several places collapse when all of them do: of three channels of two places,
// one does not vary and one varies at one place alone.
func TestCollapsedByHand(t *testing.T) {
	b := &models.Block{N: 2, D: 6, Channels: 3, Data: []float32{0, 5, 1, 2, 3, 0, 2, 5, 1, 2, 5, 4}}
	equal(t, "variances", variances(b), "[1 0 0 0 1 4]")
	closeTo(t, "variance", variance(b), 6, 0)
	closeTo(t, "collapsed", collapsed(b), 1./3, 1e-12)
	closeTo(t, "mean of absolutes", meanAbs(&models.Block{Data: []float32{-1, 2, -3, 0}}), 1.5, 0)
	// The bound is a ten-thousandth of the mean variance of a channel.
	for small, want := range map[float32]float64{0.0139: 0.5, 0.0145: 0} {
		closeTo(t, fmt.Sprint("collapsed at ", small), collapsed(&models.Block{N: 2, D: 2, Channels: 2, Data: []float32{0, 0, 2, small}}), want, 0)
	}
}

// openToy is the queued run of a toy, open as long as the test lasts.
func openToy(t *testing.T) *runs.RunDir {
	t.Helper()
	plan, err := spec.NewPlan(spec.Request{Source: "toy.yaml", Text: []byte(toy.Spec)})
	if err != nil {
		t.Fatal(err)
	}
	dir, err := runs.OpenRun(t.TempDir(), plan.Jobs[0], plan.Text)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { dir.Close() })
	return dir
}
