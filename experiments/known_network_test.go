package experiments

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// A knownNetwork has features and a classifier of its own: it says the class that the
// common code tells, with logits of 2 for it, and the class after it with 1. A step notes
// whether the labels that it was given are those of its images.
type knownNetwork struct {
	weights *models.Parameters
	source  domains.Side
	late    int // steps until which it says the class after the one it is told
}

func (m *knownNetwork) Parameters() *models.Parameters  { return m.weights }
func (m *knownNetwork) Optimisers() []*models.Optimiser { return nil }

func (m *knownNetwork) Step(_ int, b *models.Batch) ([]models.Loss, error) {
	m.weights.All()[0].Data[0]++
	x, right := b.Images[m.source], 0.0
	for i, label := range b.Labels {
		k := newKnownImage(int(m.source), trainSplit, int(math.Round(float64(x.At(i)[16]*256))))
		if k.class == label && b.Rows[m.source][i] == k.i {
			right++
		}
	}
	target := 0.0
	if b.Images[1-m.source] != nil {
		target = 1
	}
	return []models.Loss{{Name: "labels-right", Value: right / float64(x.Len())}, {Name: "sees-target", Value: target}}, nil
}

func (m *knownNetwork) told(x []float32) int {
	for k := range 3 {
		if x[k] > 0 {
			return k
		}
	}
	return -1
}

func (m *knownNetwork) Encode(x *domains.Images) (models.Codes, error) {
	b := models.NewBlock(models.Features, x.Len(), 4, 1)
	for i := range x.Len() {
		copy(b.Row(i), x.At(i)[:3])
		b.Row(i)[3] = x.At(i)[9]
		if m.weights.All()[0].Data[0] == 0 {
			copy(b.Row(i), x.At(i)[6:9])
		}
	}
	return models.Codes{b}, nil
}

func (m *knownNetwork) Classify(x *domains.Images) (*models.Block, error) {
	b := models.NewBlock("", x.Len(), 3, 1)
	for i := range x.Len() {
		k := m.told(x.At(i))
		if int(m.weights.All()[0].Data[0]) <= m.late {
			k = (k + 1) % 3
		}
		b.Row(i)[k], b.Row(i)[(k+1)%3] = 2, 1
	}
	return b, nil
}

func init() {
	models.Methods.Add("known-network", models.Method{Name: "known-network", Version: 1, Loop: models.Loop{Iterations: 6, Batch: 4, LogEvery: 1}, Needs: models.Needs{Labels: true},
		Options: []option.Option{{Name: "hides", Kind: option.Bool, Default: true}, {Name: "late", Kind: option.Int, Default: -1, Min: -1, Max: 100}},
		Phases: func(c models.Config) []models.Phase {
			first, all := models.Phase{Name: "source", Steps: 2}, models.Phase{Name: "both", Steps: c.Options.Int("train.iterations") - 2, Shows: [2]bool{true, true}}
			first.Shows[c.Source] = true
			return []models.Phase{first, all}
		},
		New: func(c models.Config) (models.Model, error) {
			if c.Classes != 3 {
				return nil, fmt.Errorf("%d classes, want 3", c.Classes)
			}
			m := &knownNetwork{models.NewParameters(), c.Source, c.Options.Int("late")}
			m.weights.Add("trained", false, 1)
			return m, nil
		}})
}

// toldRight counts the test images of a side whose class the common code tells.
func toldRight(side int) (right, all int) {
	for _, k := range knownSet(side, testSplit) {
		if all++; k.told == k.class {
			right++
		}
	}
	return right, all
}

// The network's own classifier has a row, scored on the test images of both domains; what a
// network without separate codes and decoder cannot show is named with its reason.
func TestKnownNetwork(t *testing.T) {
	for _, source := range []domains.Side{domains.A, domains.B} {
		over := []string{"model.method=known-network"}
		if source == domains.B {
			over = append(over, "domains.a.labelled=false", "domains.b.labelled=true")
		}
		r := newKnownRun(t, t.TempDir(), over...)
		a := r.Accuracy[0]
		equal(t, "row", fmt.Sprint(a.Row, " ", a.Classifier, " ", a.Selector, " ", a.Validation == nil, a.Oracle), "network own last step true false")
		for side, score := range [2]*reports.Score{a.Source, a.Target} {
			right, all := toldRight([2]int{int(source), int(1 - source)}[side])
			closeTo(t, "accuracy", score.Accuracy, float64(right)/float64(all), 1e-12)
			equal(t, "rows", score.N, all)
		}
		var rows []string
		for _, a := range r.Accuracy {
			if !slices.Contains(rows, a.Row) {
				rows = append(rows, a.Row)
			}
			if a.Row == "features" {
				equal(t, "features", a.Features, "features of the network")
			}
			if a.Row == "untrained" {
				equal(t, "features", a.Features, "features of the network of an untrained network")
			}
		}
		equal(t, "rows", rows, "[network features source-only untrained target-oracle]")
		equal(t, "discrepancy", r.Discrepancy[0].Of+", "+r.Discrepancy[1].Of, "features of the network of a and of b, raw pixels of a and of b")
		var skipped []string
		for _, s := range r.Skipped {
			skipped = append(skipped, s.Evaluation+": "+s.Reason)
		}
		equal(t, "skipped", strings.Join(skipped, "\n"), `reconstruction: the model does not make images
diagnosis: the model has no common and separate codes
along: the spec asks for no scores along the training (adapt.along)
methods: the spec names no adaptation methods
independence: the model has no common and separate codes
within-classes: the model has no common and separate codes
leakage: the model has no common code
contrast: the model has no common and separate codes
grids: the model does not make images
neighbours: the model has no common and separate codes
renders: the model does not make images
correctness: the model does not make images
judging: the model does not make images
systems: the model does not make images`)
		equal(t, "steps", r.Steps, 6)
		for _, c := range r.runs[0].Curves {
			want := map[string]string{"labels-right": "[1 1 1 1 1 1]", "sees-target": "[0 0 1 1 1 1]"}[c.Name]
			equal(t, c.Name, c.Values, want)
		}
		predictions := readPredictions(t, r.dir)
		own := 0
		for _, p := range predictions {
			if p["row"] != "network" {
				continue
			}
			own++
			side := strings.Index("ab", p["domain"])
			var i int
			fmt.Sscan(p["sample"], &i)
			k := newKnownImage(side, testSplit, i)
			equal(t, "predicted", p["predicted"]+" "+p["true"], knownClasses[k.told]+" "+knownClasses[k.class])
			for c, name := range knownClasses { // e², e and 1 over their sum
				want := [3]string{"0.665241", "0.244728", "0.0900306"}[(c-k.told+3)%3]
				equal(t, "probability of "+name, p["p:"+name], want)
			}
		}
		equal(t, "predictions of the network", own, len(knownSet(0, testSplit))+len(knownSet(1, testSplit)))
	}
}

// A method that learns from labels asks for a labelled domain before anything is read.
func TestLabelsAreAskedFor(t *testing.T) {
	_, err := spec.NewPlan(spec.Request{Source: "known.yaml", Text: []byte(knownSpec), Overrides: []string{"model.method=known-network", "domains.a.labelled=false"}})
	want := `override "model.method=known-network": model.method: known-network learns from the labels of the source, and no domain is labelled; say labelled: true of one`
	if err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// The model of a run that learnt from labels opens again, with the classes that it learnt.
func TestKnownNetworkOpens(t *testing.T) {
	r := newKnownRun(t, t.TempDir(), "model.method=known-network")
	m, err := OpenTrained(r.dir)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "classes", m.Classes, knownClasses)
	equal(t, "steps", fmt.Sprint(m.Step, " of ", m.Steps), "6 of 6")
	x := &domains.Images{Shape: domains.Shape{Channels: 1, Height: 8, Width: 8}, Data: newKnownImage(0, testSplit, 4).pixels()}
	c, err := m.Encode(x)
	if err != nil || len(c) != 1 || c[0].Role != models.Features || c[0].D != 4 {
		t.Errorf("codes %+v, %v", c, err)
	}
	if _, err := m.Translate(Guided, domains.A, x, x); err == nil || err.Error() != "experiments: known-network cannot translate images of a; `venn list methods` says which can" {
		t.Errorf("a translation: %v", err)
	}
	if _, _, _, err := m.Interpolate(x, nil, nil, 3); err == nil || !strings.Contains(err.Error(), "known-network cannot decode codes") {
		t.Errorf("an interpolation: %v", err)
	}
}
