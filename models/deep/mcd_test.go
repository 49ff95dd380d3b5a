package deep

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

func headsOf(t *testing.T, method string, changes option.Values) *heads {
	t.Helper()
	return wholeOf(t, method, domains.A, changes).(*heads)
}

// bytesOf are the parameters below a prefix.
func bytesOf(ps *models.Parameters, prefix string) (out []float32) {
	for _, p := range ps.All() {
		if strings.HasPrefix(p.Name, prefix) {
			out = append(out, p.Data...)
		}
	}
	return out
}

// Two classifiers that are one are at no distance, and neither side of the game pulls.
func TestEqualHeads(t *testing.T) {
	for _, name := range []string{"mcd", "swd"} {
		m := headsOf(t, name, option.Values{"dropout": 0.0})
		for _, p := range m.Parameters().Trained("second/") {
			copy(p.Data, m.Parameters().Get("classifier/"+strings.TrimPrefix(p.Name, "second/")).Data)
		}
		if err := m.fill(batchOf(domains.A, 0)); err != nil {
			t.Fatal(err)
		}
		for _, part := range []int{partPart, meetPart} {
			p, err := m.run(part, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			if d := ops.Scalar(p.discrepancy); d != 0 {
				t.Errorf("%s: equal classifiers are %v apart", name, d)
			}
		}
		for i, p := range m.Parameters().Trained("encoder/") {
			for _, v := range m.passes[meetPart].program.Gradient(i).Data().([]float32) {
				if v != 0 {
					t.Fatalf("%s: equal classifiers pull %s", name, p.Name)
				}
			}
		}
	}
}

// Each part moves what it is to move and nothing else: the classifiers part, the encoder has
// them meet. With small steps on one batch the distance goes up, then down.
func TestPartsOfAStep(t *testing.T) {
	for _, name := range []string{"mcd", "swd"} {
		m := headsOf(t, name, option.Values{"dropout": 0.0, "weight": 100.0})
		m.drawn = func(dst []float32, _ int) { drawDirections(dst, goldenClasses, 1, 1) }
		m.features.Rate, m.both.Rate = 1e-4, 1e-4
		if err := m.fill(batchOf(domains.A, 0)); err != nil {
			t.Fatal(err)
		}
		distance := func(part int) float64 {
			p, err := m.run(part, 0, 0)
			if err != nil {
				t.Fatal(err)
			}
			return ops.Scalar(p.discrepancy)
		}
		encoder, classifiers := bytesOf(m.Parameters(), "encoder/"), func() []float32 {
			return append(bytesOf(m.Parameters(), "classifier/"), bytesOf(m.Parameters(), "second/")...)
		}
		before, heads := distance(partPart), classifiers()
		m.both.Update(m.passes[partPart].program)
		if !slices.Equal(encoder, bytesOf(m.Parameters(), "encoder/")) || slices.Equal(heads, classifiers()) {
			t.Errorf("%s: the classifiers' part moves the encoder, or not the classifiers", name)
		}
		apart := distance(meetPart)
		if apart <= before {
			t.Errorf("%s: %v apart, %v after the classifiers parted", name, before, apart)
		}
		heads = classifiers()
		m.features.Update(m.passes[meetPart].program)
		if slices.Equal(encoder, bytesOf(m.Parameters(), "encoder/")) || !slices.Equal(heads, classifiers()) {
			t.Errorf("%s: the encoder's part moves the classifiers, or not the encoder", name)
		}
		if met := distance(meetPart); met >= apart {
			t.Errorf("%s: %v apart, %v after the encoder has them meet", name, apart, met)
		}
	}
}

// The logits of an image are the mean of both classifiers'.
func TestMeanOfHeads(t *testing.T) {
	m := headsOf(t, "mcd", nil)
	x := batchOf(domains.A, 1).Images[domains.B]
	_, both, err := m.Read(x)
	if err != nil {
		t.Fatal(err)
	}
	alone := func(head int) *models.Block {
		n := m.Twin()
		if head == 1 {
			n.Head = m.More[0]
		}
		_, z, err := n.Read(x)
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	first, second := alone(0), alone(1)
	for i, v := range both.Data {
		if want := (first.Data[i] + second.Data[i]) / 2; !(math.Abs(float64(v-want)) <= 1e-6) || first.Data[i] == second.Data[i] {
			t.Fatalf("logit %d is %v, of %v and %v", i, v, first.Data[i], second.Data[i])
		}
	}
}

// Directions have length 1 and point everywhere alike, others for every draw.
func TestDirections(t *testing.T) {
	const classes, columns = 4, 3000
	dst := make([]float32, classes*columns)
	drawDirections(dst, classes, 5, 9)
	var second [classes * classes]float64
	for m := range columns {
		for a := range classes {
			for b := range classes {
				second[a*classes+b] += float64(dst[a*columns+m]) * float64(dst[b*columns+m]) / columns
			}
		}
	}
	for i, v := range second {
		want := 0.0
		if i%(classes+1) == 0 {
			want = 1. / classes
		}
		if !(math.Abs(v-want) <= 0.02) {
			t.Errorf("second moment %d is %v, want %v", i, v, want)
		}
	}
	for m := range columns {
		square := 0.0
		for k := range classes {
			square += float64(dst[k*columns+m]) * float64(dst[k*columns+m])
		}
		if !(math.Abs(square-1) <= 1e-5) {
			t.Fatalf("direction %d has the squared length %v", m, square)
		}
	}
	again, other := make([]float32, len(dst)), make([]float32, len(dst))
	drawDirections(again, classes, 5, 9)
	drawDirections(other, classes, 5, 10)
	if !slices.Equal(dst, again) || slices.Equal(dst, other) {
		t.Error("a draw is not its own")
	}
}

func TestHeadsRefuse(t *testing.T) {
	m := headsOf(t, "mcd", nil)
	b := batchOf(domains.A, 0)
	if _, err := m.Step(0, b); err != nil {
		t.Fatal(err)
	}
	b.Images[domains.B] = nil
	if _, err := m.Step(1, b); err == nil || err.Error() != "models: mcd: a batch without images of both domains, alike in number, as many each step" {
		t.Errorf("without the target: %v", err)
	}
}

// A step of mcd counts, image by image of a pair and layer by layer, what its programs do.
func TestCostOfHeads(t *testing.T) {
	m := headsOf(t, "mcd", option.Values{"encoder_steps": 3})
	encoder, first := m.Encoder.MACs()
	head, _ := m.Head.MACs()
	want := 0
	for range 2 { // classifiers
		want += 3*head + head // learning: source with both gradients, target looked at
		want += 2 * 3 * head  // parting: both with both gradients
		want += 3 * 2 * head  // meeting, three times: target, gradient by the features
	}
	want += 3*encoder - first + encoder // learning
	want += 2 * encoder                 // parting
	want += 3 * (3*encoder - first)     // meeting
	if got := m.MACs(); got != want {
		t.Errorf("%d, want %d", got, want)
	}
}
