package deep

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/recipe"
)

// A version stands with every result: it changes where a result would. One method alone is told
// what no method may know.
func TestVersions(t *testing.T) {
	versions := map[string]int{} // of methods whose results have changed
	for _, name := range shipped {
		m, err := models.Methods.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		if want := max(1, versions[name]); m.Version != want {
			t.Errorf("%s has version %d, want %d", name, m.Version, want)
		}
		if m.Oracle != (name == "target-oracle") || !m.Needs.Labels {
			t.Errorf("%s is an oracle: %v, and needs labels: %v", name, m.Oracle, m.Needs.Labels)
		}
	}
}

// What each method shows of either domain, and for how many of ten steps.
func TestPhases(t *testing.T) {
	const both = "[{train 10 [true true] 0}]"
	phases := map[string]string{
		"source-only": "[{train 10 [SOURCE TARGET] 0}]", "target-oracle": "[{train 10 [SOURCE TARGET] 0}]",
		"adabn":   "[{train 10 [SOURCE TARGET] 0} {statistics 100 [TARGET SOURCE] 0}]",
		"adda":    "[{source 5 [SOURCE TARGET] 0} {target 5 [true true] 0}]",
		"shot":    "[{source 4 [SOURCE TARGET] 0} {target 6 [TARGET SOURCE] 1}]",
		"shot-im": "[{source 4 [SOURCE TARGET] 0} {target 6 [TARGET SOURCE] 0}]",
		"dirt-t":  "[{vada 7 [true true] 0} {refine 3 [TARGET SOURCE] 0}]",
		"atdoc":   "[{train 10 [true true] 1}]",
	}
	for _, name := range shipped {
		m, err := models.Methods.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		want := phases[name]
		if want == "" {
			want = both
		}
		o := option.Defaults(m.AllOptions())
		o["train.iterations"] = 10
		for source, shows := range [][2]string{{"true", "false"}, {"false", "true"}} {
			want := strings.NewReplacer("SOURCE", shows[0], "TARGET", shows[1]).Replace(want)
			if got := fmt.Sprint(m.PhasesOf(models.Config{Source: domains.Side(source), Options: o})); got != want {
				t.Errorf("%s from %v: %s, want %s", name, domains.Side(source), got, want)
			}
		}
	}
}

// The optimisers of each method, whose moments a checkpoint keeps in this order.
func TestOptimisers(t *testing.T) {
	names := map[string]string{
		"adda": "[network discriminator adaptation]", "vada": "[network discriminator]", "dirt-t": "[network discriminator refinement]", "drcn": "[network reconstruction]",
		"shot": "[network adaptation]", "shot-im": "[network adaptation]", "mcd": "[encoder classifiers]", "swd": "[encoder classifiers]",
	}
	for _, name := range shipped {
		var got []string
		for _, o := range wholeOf(t, name, domains.A, nil).Optimisers() {
			got = append(got, o.Name)
		}
		want := names[name]
		if want == "" {
			want = "[network]"
		}
		if fmt.Sprint(got) != want {
			t.Errorf("%s has %v, want %s", name, got, want)
		}
	}
}

// What is kept beside the network, of averages, teachers and the source, is state: nothing
// trains it, and it is not counted.
func TestWhatIsKeptIsState(t *testing.T) {
	for method, prefixes := range map[string][]string{"adda": {keptPrefix}, "vada": {meanPrefix}, "dirt-t": {meanPrefix, teacherPrefix}, "se": {teacherPrefix}} {
		m, found := wholeOf(t, method, domains.A, nil), map[string]bool{}
		for _, p := range m.Parameters().All() {
			for _, prefix := range prefixes {
				if strings.HasPrefix(p.Name, prefix) {
					found[prefix] = true
					if !p.State {
						t.Errorf("%s: %s is trained", method, p.Name)
					}
				}
			}
		}
		if len(found) != len(prefixes) {
			t.Errorf("%s keeps %v, want %v", method, found, prefixes)
		}
	}
}

// A loss that is no number ends a step, by the name of the method, the step and the loss, and
// what that was in the step before, if there was one.
func TestStepsThatAreNotFinite(t *testing.T) {
	for _, tt := range []struct {
		method string
		step   int
		side   domains.Side // that is no number
		loss   string
	}{
		{"adda", 6, domains.B, "domain/target"}, {"adda", 6, domains.A, "domain/source"}, {"drcn", 2, domains.B, "reconstruction"}, {"vada", 2, domains.A, "domain/source"},
		{"dirt-t", 8, domains.B, "entropy"}, {"dirt-t", 2, domains.A, "domain/source"}, {"shot", 5, domains.B, "entropy"}, {"adabn", 10, domains.B, "entropy"}, {"mcd", 2, domains.A, "classification/first"},
		{"swd", 2, domains.B, "discrepancy/before"}, {"se", 3, domains.B, "consistency"}, {"atdoc", 0, domains.A, "classification"}, {"dsn", 4, domains.A, "classification"},
	} {
		for _, second := range []bool{false, true} {
			changes := map[string]option.Values{"adabn": {"backbone": "p-small-bn"}, "atdoc": {"warmup": 0.5}}[tt.method]
			_, m, _ := newTrained(t, tt.method, domains.A, changes)
			b := batchOf(domains.A, 0)
			b.Rows[domains.B] = []int{0, 1, 2, 3, 4, 5}
			if s, ok := m.(*shot); ok {
				if err := s.Refresh(context.Background(), tt.step, &models.Data{Images: b.Images}); err != nil {
					t.Fatal(err)
				}
			}
			before := ""
			if second {
				losses, err := m.Step(tt.step, b)
				if err != nil {
					t.Fatal(err)
				}
				for _, l := range losses {
					if l.Name == tt.loss && !slices.Contains([]string{"shot", "adabn"}, tt.method) { // which do not look back
						before = fmt.Sprintf(" (last finite %.4g)", l.Value)
					}
				}
			}
			for i := range b.Images[tt.side].Data {
				b.Images[tt.side].Data[i] = float32(math.NaN())
			}
			want := fmt.Sprintf("models: %s: step %d: %s is NaN%s; try a lower model.train.learning_rate or a model.train.clip", tt.method, tt.step+1, tt.loss, before)
			if err := justSo(m.Step(tt.step, b)); err != want {
				t.Errorf("%s, want %s", err, want)
			}
		}
	}
}

// A discriminator whose update went too far ends the step before it moves adda's encoder.
func TestADDANotFinite(t *testing.T) {
	_, m, _ := newTrained(t, "adda", domains.A, option.Values{"discriminator_rate": 1e38, "gate": 0.0})
	before := slices.Clone(m.Parameters().Get("encoder/conv1/weight").Data)
	if err := justSo(m.Step(5, batchOf(domains.A, 0))); !strings.HasPrefix(err, "models: adda: step 6: confusion is NaN; try") {
		t.Errorf("error %q", err)
	}
	if !slices.Equal(before, m.Parameters().Get("encoder/conv1/weight").Data) {
		t.Error("the encoder moves by what is no number")
	}
}

// A batch without one of the domains that a step wants, each said by its own name.
func TestStepsNameWhatIsMissing(t *testing.T) {
	for _, method := range []string{"vada", "adda", "dirt-t", "drcn", "atdoc"} {
		for _, there := range []domains.Side{domains.A, domains.B} {
			step, missing := 0, 1-there
			if method == "adda" {
				step = 5
			}
			want := fmt.Sprintf("models: %s: a batch without images of %s", method, missing)
			switch {
			case there == domains.B && method == "drcn", method == "atdoc":
				want = fmt.Sprintf("models: %s: a batch without 6 images of %s", method, missing)
			}
			_, m, _ := newTrained(t, method, domains.A, nil)
			b := only(batchOf(domains.A, 0), there)
			if method == "drcn" || method == "atdoc" { // whose steps are as large as the labels
				b.Labels = make([]int, goldenBatch)
			}
			if err := justSo(m.Step(step, b)); err != want {
				t.Errorf("%s with %s alone: %q, want %q", method, there, err, want)
			}
		}
	}
}

// The encoder moves where the discriminator is right on as large a share as is asked for, the
// mean of either domain's.
func TestADDAGate(t *testing.T) {
	step := func(gate float64) (hits [2]float64, moved float64) {
		_, m, _ := newTrained(t, "adda", domains.A, option.Values{"gate": gate})
		b := batchOf(domains.A, 0)
		before := slices.Clone(m.Parameters().Get("encoder/conv1/weight").Data)
		losses, err := m.Step(6, b)
		if err != nil {
			t.Fatal(err)
		}
		by := map[string]float64{}
		for _, l := range losses {
			by[l.Name] = l.Value
		}
		if still := slices.Equal(before, m.Parameters().Get("encoder/conv1/weight").Data); still != (by["moved"] == 0) {
			t.Errorf("gate %v: the encoder stays: %v, moved is %v", gate, still, by["moved"])
		}
		return [2]float64{by["discriminator-hits/source"], by["discriminator-hits/target"]}, by["moved"]
	}
	hits, _ := step(0)
	mean := (hits[0] + hits[1]) / 2
	if hits[0] == hits[1] {
		t.Fatalf("hits %v prove little", hits)
	}
	for gate, want := range map[float64]float64{0: 1, mean: 1, mean + 1e-6: 0, 1: 0} {
		if _, moved := step(gate); moved != want {
			t.Errorf("gate %v of hits %v: moved %v, want %v", gate, hits, moved, want)
		}
	}
}

// Rates late in a phase, by hand: with a decay over the last half 0.55 of the rate is left at
// three quarters.
func TestRatesOfStages(t *testing.T) {
	_, made, _ := newTrained(t, "dirt-t", domains.A, option.Values{"vada_share": 0.2, "train.iterations": 10, "refinement_rate": 0.02, "train.learning_rate": 0.01})
	m := made.(*dirtT)
	for at, want := range map[int][2]float64{0: {0.01, 0}, 1: {0.01, 0}, 2: {0.01, 0.02}, 8: {0.01, 0.02 * 0.55}} {
		m.judging.Rate, m.refining.Rate = 0.01, 0
		b := batchOf(domains.A, at)
		if at >= 2 {
			b = only(b, domains.B)
		}
		if _, err := m.Step(at, b); err != nil {
			t.Fatal(err)
		}
		if got := [2]float64{m.judging.Rate, m.refining.Rate}; !(math.Abs(got[0]-want[0]) <= 1e-12 && math.Abs(got[1]-want[1]) <= 1e-12) {
			t.Errorf("dirt-t, step %d: rates %v, want %v", at, got, want)
		}
	}
	_, v, _ := newTrained(t, "vada", domains.A, option.Values{"train.iterations": 8, "train.learning_rate": 0.01})
	_, d, _ := newTrained(t, "drcn", domains.A, option.Values{"train.iterations": 8, "train.learning_rate": 0.01, "reconstruction_rate": 3.0})
	for _, m := range []models.Model{v, d} {
		if _, err := m.Step(6, batchOf(domains.A, 0)); err != nil {
			t.Fatal(err)
		}
	}
	if got := v.(*vada).judging.Rate; !(math.Abs(got-0.0055) <= 1e-12) {
		t.Errorf("vada's discriminator has the rate %v, want 0.0055", got)
	}
	if got := d.(*drcn).anew.Rate; !(math.Abs(got-0.0165) <= 1e-12) {
		t.Errorf("drcn's reconstruction has the rate %v, want 0.0165", got)
	}
}

// The average becomes the teacher at the first step without the source and every third after.
func TestTeacherIsRenewed(t *testing.T) {
	_, made, _ := newTrained(t, "dirt-t", domains.A, option.Values{"vada_share": 0.5, "refresh": 3, "average": 0.5, "refinement_rate": 0.01, "backbone": "p-small-bn"})
	m := made.(*dirtT)
	for at := 4; at < 10; at++ {
		mean := slices.Clone(m.Parameters().Get(meanPrefix + "encoder/conv1/weight").Data)
		b := batchOf(domains.A, at)
		if at >= 5 {
			b = only(b, domains.B)
		}
		if _, err := m.Step(at, b); err != nil {
			t.Fatal(err)
		}
		if at == 4 {
			continue
		}
		if got, want := slices.Equal(m.Parameters().Get(teacherPrefix+"encoder/conv1/weight").Data, mean), at == 5 || at == 8; got != want {
			t.Errorf("step %d: the teacher is the average: %v, want %v", at, got, want)
		}
		keep := min(0.5, float32(at+2)/float32(at+11)) // at first averages forget sooner
		for i, v := range m.Parameters().Get(meanPrefix + "encoder/conv1/weight").Data {
			now := m.Parameters().Get("encoder/conv1/weight").Data[i]
			if want := keep*mean[i] + (1-keep)*now; !(math.Abs(float64(v-want)) <= 1e-6) {
				t.Fatalf("step %d: the average of %v and %v is %v, want %v", at, mean[i], now, v, want)
			}
		}
	}
}

// A share of the steps that leaves one of two phases without any is refused with what it gives.
func TestSharesRefused(t *testing.T) {
	for name, option := range map[string]string{"dirt-t": "vada", "adda": "source", "shot-im": "source"} {
		of := map[string]string{"vada": "vada", "source": "the source"}[option]
		for share, steps := range map[float64]int{0: 0, 0.04: 0, 0.1: 1, 0.9: 9, 0.96: 10, 1: 10} {
			info, _, c := newTrained(t, name, domains.A, nil)
			c.Options[option+"_share"] = share
			got, want := faultText(info.Check(c)), ""
			if steps == 0 || steps == 10 {
				want = fmt.Sprintf("{model.%s_share %v gives %s %d of 10 steps; want one at least for it and for ", option, share, of, steps)
			}
			if !strings.HasPrefix(got, want) || (got == "") != (want == "") {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
}

// No method can be made for images that its backbone does not fit, and each says so.
func TestImagesThatAreTooSmall(t *testing.T) {
	for _, name := range shipped {
		info, err := models.Methods.Get(name)
		if err != nil {
			t.Fatal(err)
		}
		o := option.Defaults(info.AllOptions())
		o["backbone"] = "p-small-bn"
		for side, want := range map[int]string{8: "{image.size 8 is too small for model.backbone p-small-bn: models: encoder/conv5: a kernel of 5 does not fit into 2 x 2}", 16: ""} {
			c := models.Config{Shape: domains.Shape{Channels: 1, Height: side, Width: side}, Classes: goldenClasses, Options: o}
			if got := strings.TrimSpace(faultText(info.Check(c))); got != want {
				t.Errorf("%s of %d pixels: %q, want %q", name, side, got, want)
			}
		}
	}
}

// Discriminator and encoder of adda have decays of their own, and PyTorch's ε.
func TestOptimisersOfADDA(t *testing.T) {
	_, made, _ := newTrained(t, "adda", domains.A, option.Values{"adaptation_betas": []float64{0.3, 0.7}, "discriminator_rate": 0.25, "adaptation_rate": 0.5, "train.clip": 2.0})
	m := made.(*adda)
	for i, o := range []*models.Optimiser{m.judging, m.moving} {
		want := kernels.Adam{Rate: []float64{0.25, 0.5}[i], Beta1: 0.3, Beta2: 0.7, Epsilon: 1e-8}
		if o.Adam != want || o.Clip != 2 {
			t.Errorf("%s: %+v with a bound of %v, want %+v with 2", o.Name, o.Adam, o.Clip, want)
		}
	}
}

// The encoders of one domain alone leave their running moments, which nothing reads.
func TestOwnMomentsOfDSN(t *testing.T) {
	for _, statistics := range []string{"joint", "separate", "target"} {
		_, m, _ := newTrained(t, "dsn", domains.A, option.Values{"backbone": "p-small-bn", "statistics": statistics, "discriminator": 8})
		before := map[string][]float32{}
		for _, p := range m.Parameters().All() {
			before[p.Name] = slices.Clone(p.Data)
		}
		if _, err := m.Step(5, batchOf(domains.A, 0)); err != nil {
			t.Fatal(err)
		}
		for _, p := range m.Parameters().All() {
			if kind := kindOf(p.Name); kind == "mean" || kind == "variance" {
				if moved := !slices.Equal(before[p.Name], p.Data); moved != strings.HasPrefix(p.Name, "encoder/") {
					t.Errorf("%s: %s moves: %v", statistics, p.Name, moved)
				}
			}
		}
	}
}

// Images of one domain are normalised together, whatever reads them beside the recipe.
func TestPassesOfOneDomain(t *testing.T) {
	o := option.Values{"backbone": "p-small-bn"}
	_, d, _ := newTrained(t, "drcn", domains.A, o)
	_, a, _ := newTrained(t, "adda", domains.A, o)
	_, r, _ := newTrained(t, "dirt-t", domains.A, o)
	for _, m := range []models.Model{d, a, r} {
		if _, err := m.Step(8, batchOf(domains.A, 0)); err != nil {
			t.Fatal(err)
		}
	}
	refined := r.(*dirtT)
	for i, p := range []*recipe.Pass{d.(*drcn).pass, a.(*adda).tell, a.(*adda).move, refined.heed, refined.refine} {
		if want := []int{0, 0, 0, 0, goldenBatch}[i]; p.Moments.Split != want {
			t.Errorf("pass %d: the first %d images are normalised by themselves, want %d", i, p.Moments.Split, want)
		}
	}
}

// What the network is held to is what the teacher says, not what it says itself.
func TestTheTeacherIsHeard(t *testing.T) {
	_, made, _ := newTrained(t, "dirt-t", domains.A, option.Values{"vada_share": 0.5, "refresh": 100})
	m := made.(*dirtT)
	copy(m.Parameters().Get(teacherPrefix+"classifier/fc1/bias").Data, []float32{0, 0, 60})
	if _, err := m.Step(6, only(batchOf(domains.A, 0), domains.B)); err != nil {
		t.Fatal(err)
	}
	for i, v := range m.may[:goldenBatch*goldenClasses] {
		if want := float64(i % goldenClasses / 2); !(math.Abs(float64(v)-want) <= 1e-6) {
			t.Fatalf("the teacher says %v", m.may)
		}
	}
}

// The statistics that are asked for reach the programs beside the recipe's.
func TestStatisticsOfVADA(t *testing.T) {
	for statistics, want := range map[string]int{"joint": 0, "separate": goldenBatch, "target": goldenBatch} {
		_, made, _ := newTrained(t, "vada", domains.A, option.Values{"statistics": statistics, "backbone": "p-small-bn"})
		m := made.(*vada)
		if _, err := m.Step(0, batchOf(domains.A, 0)); err != nil {
			t.Fatal(err)
		}
		if got := m.look.Moments.Split; got != want {
			t.Errorf("%s: the first %d images are normalised by themselves, want %d", statistics, got, want)
		}
	}
}

// What drcn makes anew is the clean image; of what it sees half of the pixels are black, in both
// channels.
func TestDRCNSeesNoise(t *testing.T) {
	info, _, c := newTrained(t, "drcn", domains.B, nil)
	c.Shape = domains.Shape{Channels: 2, Height: 16, Width: 20}
	made, err := info.New(c)
	if err != nil {
		t.Fatal(err)
	}
	m, b := made.(*drcn), &models.Batch{Source: domains.B, Labels: []int{0, 1, 2}}
	for side := range b.Images {
		b.Images[side] = &domains.Images{Shape: c.Shape, Data: make([]float32, 3*c.Shape.Len())}
		for i := range b.Images[side].Data {
			b.Images[side].Data[i] = float32(math.Sin(float64(i + side)))
		}
	}
	if _, err := m.Step(3, b); err != nil {
		t.Fatal(err)
	}
	clean := b.Images[domains.A].Data
	if !slices.Equal(m.images, clean) {
		t.Error("drcn makes anew what is not the clean image")
	}
	black := 0
	for i := range 3 {
		for k := range 16 * 20 {
			at := i*c.Shape.Len() + k
			one, two := m.pass.Images[at], m.pass.Images[at+16*20]
			switch {
			case one == -1 && two == -1:
				black++
			case one != clean[at] || two != clean[at+16*20]:
				t.Fatalf("pixel %d of image %d is %v and %v", k, i, one, two)
			}
		}
	}
	if black < 420 || black > 540 { // 480 by chance, of deviation 15.5
		t.Errorf("%d of 960 pixels are black", black)
	}
}

// Before its warm-up is over dsn trains as without difference and similarity, from then on not.
func TestWarmupOfDSN(t *testing.T) {
	for step, same := range map[int]bool{0: true, 3: true, 4: false, 9: false} {
		var all [2]models.Model
		for i, w := range []float64{0.5, 0} {
			_, all[i], _ = newTrained(t, "dsn", domains.A, option.Values{"warmup": 0.4, "difference": w, "similarity": w, "discriminator": 8})
			if _, err := all[i].Step(step, batchOf(domains.A, 0)); err != nil {
				t.Fatal(err)
			}
		}
		equal := slices.Equal(all[0].Parameters().Get("encoder/conv1/weight").Data, all[1].Parameters().Get("encoder/conv1/weight").Data)
		if equal != same {
			t.Errorf("step %d of 10: the encoder is as without them: %v, want %v", step, equal, same)
		}
	}
}

// A remembering is an atdoc without training whose memory is as given: rows of unit length and
// what is predicted of them.
func remembering(t *testing.T, neighbours int, features, predictions []float32) *atdoc {
	t.Helper()
	_, made, _ := newTrained(t, "atdoc", domains.A, option.Values{"neighbours": neighbours})
	m := made.(*atdoc)
	if err := m.Prepare(3); err != nil {
		t.Fatal(err)
	}
	n := len(predictions) / goldenClasses
	m.features = m.Parameters().AddRows("test/features", len(features)/n)
	m.predictions.Resize(n)
	m.features.Resize(n)
	copy(m.features.Data, features)
	copy(m.predictions.Data, predictions)
	m.places = []int{0, 1, 2, 3}
	return m
}

// Labels by hand, of four images remembered and three asked about.
func TestATDOCAsks(t *testing.T) {
	m := remembering(t, 2, []float32{1, 0, 0, 1, 0.6, 0.8, -1, 0},
		[]float32{
			0.5, 0.25, 0.25,
			0, 1, 0.5,
			0.125, 0.25, 1,
			0.25, 0.25, 0,
		})
	f := models.NewBlock(models.Features, 3, 2, 1)
	copy(f.Data, []float32{2, 0, 0, 3, -5, 1})
	// Cosines with 0: 1, 0, 0.6, -1, not its own: 2 and 1 are nearest. With 1: 0, 1, 0.8, 0: 2 and,
	// the first of equal ones, 0. With 3: the third image's neighbours are 1 and 2.
	ask := func(rows []int, want []float32) {
		t.Helper()
		m.ask(f, rows)
		if got := m.labels; len(got) != 6*goldenClasses || slices.ContainsFunc(got[:9], func(v float32) bool { return v != 0 }) {
			t.Fatalf("labels %v", got)
		}
		for i, v := range m.labels[9:] {
			if !(math.Abs(float64(v-want[i])) <= 1e-6) {
				t.Errorf("rows %v: labels %v, want %v", rows, m.labels[9:], want)
				break
			}
		}
	}
	// Sums of two: (0.125, 1.25, 1.5), (0.625, 0.5, 1.25), (0.125, 1.25, 1.5).
	total := float32(1.5 + 1.25 + 1.5)
	ask([]int{0, 1, 3}, []float32{0, 0, 3 * 1.5 / total, 0, 0, 3 * 1.25 / total, 0, 0, 3 * 1.5 / total})
	// As if they were others: 0's nearest are 0 and 2, 1's 1 and 2, and 3's are 3 and 1.
	total = 1.25 + 1.5 + 1.25
	ask([]int{1, 0, 2}, []float32{0, 0, 3 * 1.25 / total, 0, 0, 3 * 1.5 / total, 0, 3 * 1.25 / total, 0})
	// Of equal ones the first class; where nothing is predicted the labels are zero.
	copy(m.predictions.Data, []float32{0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0, 0, 0, 0})
	ask([]int{0, 1, 3}, []float32{1. * 3 / 3, 0, 0, 0, 1. * 3 / 3, 0, 1. * 3 / 3, 0, 0})
	clear(m.predictions.Data)
	ask([]int{0, 1, 3}, make([]float32, 9))
}

// What is remembered of images by hand: features of unit length, squared probabilities over
// their sums by class, nothing of images that have no place.
func TestATDOCRemembersByHand(t *testing.T) {
	m := remembering(t, 2, make([]float32, 8), make([]float32, 12))
	for place, row := range [][]float32{{3, -4}, {0, 0}, {0.5, 0}} {
		m.rememberFeatures(place, row)
	}
	m.rememberFeatures(-1, []float32{7, 7})
	for i, want := range []float32{0.6, -0.8, 0, 0, 1, 0, 0, 0} {
		if v := m.features.Data[i]; !(math.Abs(float64(v-want)) <= 1e-6) {
			t.Fatalf("features %v", m.features.Data)
		}
	}
	logits := models.NewBlock("", 3, goldenClasses, 1)
	p := [][]float64{{0.5, 0.25, 0.25}, {0.125, 0.75, 0.125}, {0.25, 0.25, 0.5}}
	for i, row := range p {
		for c, v := range row {
			logits.Data[i*goldenClasses+c] = float32(math.Log(v)) + float32(i)
		}
	}
	m.rememberPredictions([]int{3, -1, 0}, logits, 1.5)
	for c := range goldenClasses {
		sum := 0.0
		for _, row := range p {
			sum += row[c] * row[c]
		}
		for place, i := range map[int]int{3: 0, 0: 2} {
			if got, want := float64(m.predictions.Data[place*goldenClasses+c]), 1.5*p[i][c]*p[i][c]/sum; !(math.Abs(got-want) <= 1e-6) {
				t.Errorf("of image %d class %d is %v, want %v", i, c, got, want)
			}
		}
		if m.predictions.Data[goldenClasses+c] != 0 || m.predictions.Data[2*goldenClasses+c] != 0 {
			t.Errorf("predictions %v where nothing is remembered", m.predictions.Data)
		}
	}
}

// The weight of the neighbours, and the first step that asks them.
func TestRiseOfATDOC(t *testing.T) {
	_, made, _ := newTrained(t, "atdoc", domains.A, option.Values{"warmup": 0.25})
	m := made.(*atdoc)
	for progress, want := range map[float64]float64{0: 0, 0.2: 0, 0.25: 0.25, 0.3: 0.3, 0.9: 0.9} {
		if got := m.rise(progress); got != want {
			t.Errorf("at %v: %v, want %v", progress, got, want)
		}
	}
	if m.warm() != 3 {
		t.Errorf("the first step is %d, want 3 of 10", m.warm())
	}
}

// A memory of more images than are read at a time is filled as from one reading, at the end of
// the warm-up alone.
func TestATDOCRefreshByParts(t *testing.T) {
	const n, batch = models.AtOnce + 3, 4
	_, made, _ := newTrained(t, "atdoc", domains.B, option.Values{"warmup": 0.2, "train.batch": batch})
	m, x := made.(*atdoc), &domains.Images{Shape: goldenShape, Data: make([]float32, n*goldenShape.Len())}
	for i := range x.Data {
		x.Data[i] = float32(math.Sin(float64(i * (1 + i/goldenShape.Len()%7))))
	}
	d := &models.Data{}
	d.Images[domains.A] = x
	for _, step := range []int{0, 1, 3} {
		if err := m.Refresh(context.Background(), step, d); err != nil || m.features.Shape[0] != 0 {
			t.Fatalf("step %d: %d are remembered, %v", step, m.features.Shape[0], err)
		}
	}
	b := batchOf(domains.B, 0)
	b.Rows[domains.A] = []int{0, 1, 2, 3, 4, 5}
	if err := justSo(m.Step(2, b)); err != "models: atdoc: rows [0 1 2 3 4 5] of the target, of which 0 are remembered" {
		t.Errorf("a memory that is empty: %s", err)
	}
	if err := m.Refresh(context.Background(), 2, d); err != nil {
		t.Fatal(err)
	}
	features, logits, err := m.Read(x)
	if err != nil {
		t.Fatal(err)
	}
	if m.features.Shape[0] != n || m.predictions.Shape[0] != n {
		t.Fatalf("%d and %d are remembered", m.features.Shape[0], m.predictions.Shape[0])
	}
	p, sums := make([]float64, n*goldenClasses), make([]float64, goldenClasses)
	for i := range n {
		models.Softmax(p[i*goldenClasses:(i+1)*goldenClasses], logits.Row(i))
		for c := range sums {
			sums[c] += p[i*goldenClasses+c] * p[i*goldenClasses+c]
		}
	}
	for i := range n {
		square := 0.0
		for _, v := range features.Row(i) {
			square += float64(v) * float64(v)
		}
		for j, v := range features.Row(i) {
			if got, want := float64(m.features.Data[i*features.D+j]), float64(v)/math.Sqrt(square); !(math.Abs(got-want) <= 1e-6) {
				t.Fatalf("feature %d of image %d is %v, want %v", j, i, got, want)
			}
		}
		for c, sum := range sums {
			v := p[i*goldenClasses+c]
			if got, want := float64(m.predictions.Data[i*goldenClasses+c]), n*v*v/sum/batch; !(math.Abs(got-want) <= 1e-5*want) {
				t.Fatalf("class %d of image %d is %v, want %v", c, i, got, want)
			}
		}
	}
	for want, rows := range map[string][]int{
		"models: atdoc: rows [0 1 2 3 4] of the target, of which 1027 are remembered":      {0, 1, 2, 3, 4},
		"models: atdoc: rows [0 1 2 3 4 1027] of the target, of which 1027 are remembered": {0, 1, 2, 3, 4, 1027},
	} {
		b.Rows[domains.A] = rows
		if err := justSo(m.Step(2, b)); err != want {
			t.Errorf("%s, want %s", err, want)
		}
	}
}

// Labels are made anew at the start of every second pass over eleven images, of two batches of
// four, of every pass over fewer images than a batch has, or after as many steps as are asked for.
func TestShotRefreshes(t *testing.T) {
	for _, tt := range []struct {
		images, refresh, asked, steps int
	}{{11, 2, 0, 4}, {11, 1, 0, 2}, {3, 1, 0, 1}, {3, 2, 0, 2}, {11, 1, 3, 3}, {3, 2, 1, 1}} {
		_, made, _ := newTrained(t, "shot", domains.A, option.Values{"train.batch": 4, "refresh": tt.refresh, "refresh_steps": tt.asked, "train.iterations": 20, "bottleneck": 8})
		m, d := made.(*shot), &models.Data{}
		d.Images[domains.B] = batchOf(domains.A, 0).Images[domains.B].Take([]int{0, 1, 2, 3, 4, 5, 0, 1, 2, 3, 4}[:tt.images])
		for step := range 9 {
			made := step%tt.steps == 0
			for i := range m.labels.Data {
				m.labels.Data[i] = -9
			}
			if err := m.Refresh(context.Background(), m.Steps+step, d); err != nil {
				t.Fatal(err)
			}
			if got := m.labels.Data[0] >= 0; got != made || m.labels.Shape[0] != tt.images {
				t.Errorf("%+v: labels are made anew at step %d: %v, want %v", tt, step, got, made)
			}
		}
	}
}

// Of more images than are read at a time each has the label of its nearest centroid among all.
func TestShotRefreshByParts(t *testing.T) {
	_, made, _ := newTrained(t, "shot", domains.A, option.Values{"bottleneck": 8})
	m, x := made.(*shot), &domains.Images{Shape: goldenShape, Data: make([]float32, (models.AtOnce+3)*goldenShape.Len())}
	for i := range x.Data {
		x.Data[i] = float32(math.Sin(float64(i * (1 + i/goldenShape.Len()%7))))
	}
	d := &models.Data{}
	d.Images[domains.B] = x
	if err := m.Refresh(context.Background(), m.Steps, d); err != nil {
		t.Fatal(err)
	}
	features, logits, err := m.Read(x)
	if err != nil {
		t.Fatal(err)
	}
	labels, _ := models.CentroidLabels(features, logits)
	var want []float32
	for _, k := range labels {
		want = append(want, float32(k))
	}
	if !slices.Equal(m.labels.Data, want) || slices.Min(want) == slices.Max(want) {
		t.Errorf("labels of %d images are not those of the nearest centroids, or all are one", len(m.labels.Data))
	}
}

// What is dropped of the last convolution is a whole channel, of 2 x 2 places at 20 pixels.
func TestShotDropsChannels(t *testing.T) {
	info, _, c := newTrained(t, "shot", domains.A, nil)
	c.Shape = domains.Shape{Channels: 1, Height: 20, Width: 20}
	made, err := info.New(c)
	if err != nil {
		t.Fatal(err)
	}
	var got []layers.Dropout
	for _, l := range made.(*shot).Encoder.Layers {
		if d, ok := l.(layers.Dropout); ok {
			got = append(got, d)
		}
	}
	if want := []layers.Dropout{{Rate: 0.5, Held: 4}, {Rate: 0.5}}; !slices.Equal(got, want) {
		t.Errorf("dropout %+v, want %+v", got, want)
	}
}

// A teacher that keeps nothing is the student to the last bit.
func TestTeacherThatKeepsNothing(t *testing.T) {
	_, made, _ := newTrained(t, "se", domains.A, option.Values{"average": 0.0})
	teacher, student := []float32{1e8, 0.1}, []float32{1, -0.3}
	made.(*se).moveTeacher(teacher, student)
	if !slices.Equal(teacher, student) {
		t.Errorf("the teacher is %v, want %v", teacher, student)
	}
}
