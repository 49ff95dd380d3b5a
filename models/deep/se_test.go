package deep

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
	goldens "github.com/venn-adapt/venn/internal/golden"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// still are the options with which every view of an image is the image.
func still(more option.Values) option.Values {
	out := option.Values{"translation": 0.0, "noise": 0.0}
	for name, v := range more {
		out[name] = v
	}
	return out
}

// Two steps with a teacher that is another network at first: losses, gradients, what becomes
// of both.
func TestSEAgainstPyTorch(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]json.RawMessage{}
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	for _, source := range []domains.Side{domains.A, domains.B} {
		var g golden
		if err := json.Unmarshal(all["se"], &g); err != nil || len(g.After) == 0 {
			t.Fatalf("no golden steps (%v): golden.py makes them", err)
		}
		_, made, _ := newTrained(t, "se", source, still(option.Values{"backbone": "p-small-bn", "train.clip": 0.5,
			"weight": 7.0, "confidence": 0.6, "average": 0.8, "balance": 0.4, "rampup": 0.9}))
		m := made.(*se)
		g.fill(t, m.Parameters())
		for _, p := range m.follows {
			if kindOf(p.Name) == "scale" {
				goldens.Fill(p.Data, p.Name, 0.5, 1.5)
			} else {
				goldens.Fill(p.Data, p.Name, -0.5, 0.5)
			}
		}
		for step := range goldenSteps {
			b := goldenPair(source, step)
			losses, err := m.Step(goldenFirst+step, b)
			if err != nil {
				t.Fatal(err)
			}
			g.checkLosses(t, losses, step, wider)
			if step > 0 {
				continue
			}
			for i, p := range m.Parameters().Trained("") {
				want := g.Gradients[p.Name]
				want.Compare(t, "gradient of "+p.Name, m.Program().Gradient(i).Data().([]float32), goldens.Near(1e-5*want.Scale()+1e-8))
			}
		}
		g.checkNoOther(t)
		g.checkAfter(t, m.Parameters())
	}
}

// At 1 the teacher stays as it began, at 0 it is the student after every step, whose
// predictions of the same views it then shares.
func TestTeacherAtTheEnds(t *testing.T) {
	for _, keep := range []float64{0, 1} {
		_, made, _ := newTrained(t, "se", domains.A, still(option.Values{"backbone": "p-small-bn", "average": keep, "confidence": 0.0}))
		m := made.(*se)
		var begun [][]float32
		for _, p := range m.follows {
			begun = append(begun, slices.Clone(p.Data))
		}
		for step := range 4 {
			losses, err := m.Step(step, batchOf(domains.A, step))
			if err != nil {
				t.Fatal(err)
			}
			if l := losses[1]; l.Name != "consistency" || (keep == 0 || step == 0) != (l.Value < 1e-10) {
				t.Errorf("average %v, step %d: %s is %v", keep, step, l.Name, l.Value)
			}
			for i, p := range m.follows {
				if want := [][]float32{m.leads[i].Data, begun[i]}[int(keep)]; !slices.Equal(p.Data, want) {
					t.Errorf("average %v, step %d: %s is not what it should be", keep, step, p.Name)
				}
			}
		}
	}
}

// With a teacher that is never sure, of images as they are, the student is source-only's
// network bit for bit.
func TestUnsureTeacherIsSourceOnly(t *testing.T) {
	for _, source := range []domains.Side{domains.A, domains.B} {
		_, made, _ := newTrained(t, "se", source, still(option.Values{"confidence": 1.0, "train.iterations": 5000}))
		m, want := made.(*se), newOf(t, "source-only", source, nil)
		for step := range 20 {
			for _, each := range []models.Model{m, want} {
				if _, err := each.Step(step, batchOf(source, step)); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, p := range want.Parameters().All() {
			if !slices.Equal(p.Data, m.Parameters().Get(p.Name).Data) {
				t.Errorf("from %s: %s differs from source-only's", source, p.Name)
			}
		}
	}
}

// The teacher is what reads images: a student alone in moving changes nothing.
func TestTheTeacherReads(t *testing.T) {
	_, made, _ := newTrained(t, "se", domains.A, nil)
	m, x := made.(*se), batchOf(domains.A, 9).Images[0]
	read := func() string {
		codes, err := m.Encode(x)
		if err != nil {
			t.Fatal(err)
		}
		logits, err := m.Classify(x)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(codes.Shared().Data, logits.Data)
	}
	before := read()
	for _, p := range m.leads {
		p.Data[0] += 3
	}
	if read() != before {
		t.Error("images are read by the student")
	}
	for _, p := range m.follows {
		p.Data[0] += 3
	}
	if read() == before {
		t.Error("images are not read by the teacher")
	}
}

func TestSEResumes(t *testing.T) {
	for _, stop := range []int{1, 5, 9} {
		killedAndResumed(t, "se", stop, option.Values{"backbone": "p-small-bn", "confidence": 0.0, "balance": 0.1, "rampup": 0.5, "train.batch": 4})
	}
}

// No loss depends on the order of the target's images, of views that are the images.
func TestSEOrderOfTheTarget(t *testing.T) {
	var all [2][]models.Loss
	for i := range all {
		_, m, _ := newTrained(t, "se", domains.A, still(option.Values{"backbone": "p-small-bn", "confidence": 0.4, "balance": 0.5}))
		for step := range 3 {
			b := batchOf(domains.A, step)
			if i == 1 {
				b.Images[domains.B] = b.Images[domains.B].Take([]int{5, 4, 3, 2, 1, 0})
			}
			var err error
			if all[i], err = m.Step(step, b); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i, l := range all[0] {
		if !(math.Abs(l.Value-all[1][i].Value) <= 1e-4*max(1, math.Abs(l.Value))) {
			t.Errorf("%s is %v, %v with the target in another order", l.Name, l.Value, all[1][i].Value)
		}
	}
}

func TestSERefuses(t *testing.T) {
	const want = "models: se: a batch without images of both domains, alike in number, as many each step"
	for _, source := range []domains.Side{domains.A, domains.B} {
		_, m, _ := newTrained(t, "se", source, nil)
		for _, side := range []domains.Side{domains.A, domains.B} {
			if _, err := m.Step(0, only(batchOf(source, 0), side)); err == nil || err.Error() != want {
				t.Errorf("a batch of %s alone: %v", side, err)
			}
		}
		if _, err := m.Step(0, batchOf(source, 0)); err != nil {
			t.Fatal(err)
		}
		short := batchOf(source, 1)
		for side := range short.Images {
			short.Images[side] = short.Images[side].Range(0, 3)
		}
		if _, err := m.Step(1, short); err == nil || err.Error() != want {
			t.Errorf("a short batch: %v", err)
		}
	}
}

// The Gaussian rise of the paper, by hand: e^-5, e^-1.25 half way, 1.
func TestRise(t *testing.T) {
	_, m, _ := newTrained(t, "se", domains.A, option.Values{"rampup": 0.4})
	for p, want := range map[float64]float64{0: math.Exp(-5), 0.2: math.Exp(-1.25), 0.4: 1, 0.9: 1} {
		if got := m.(*se).rise(p); !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("after %v: %v, want %v", p, got, want)
		}
	}
}
