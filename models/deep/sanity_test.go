package deep

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/recipe"
)

// The properties of card 4.3 of the methods that separate, decode, confuse in stages, remember
// and perturb.

// Without its weights dsn, and without its rate drcn, trains encoder and classifier as
// source-only does, bit for bit; drcn's reconstruction never moves the classifier.
func TestDecodingMethodsWithoutTheirTerms(t *testing.T) {
	for name, o := range map[string]option.Values{
		"dsn":  {"reconstruction": 0.0, "difference": 0.0, "similarity": 0.0, "train.learning_rate": 1e-3},
		"drcn": {"reconstruction_rate": 0.0, "train.learning_rate": 1e-3},
	} {
		want, got := newOf(t, "source-only", domains.B, nil), wholeOf(t, name, domains.B, o)
		for step := range 20 {
			for _, m := range []models.Model{want, got} {
				if _, err := m.Step(step, batchOf(domains.B, step)); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, p := range want.Parameters().All() {
			if !slices.Equal(p.Data, got.Parameters().Get(p.Name).Data) {
				t.Errorf("%s: %s is not source-only's", name, p.Name)
			}
		}
	}
	m := wholeOf(t, "drcn", domains.A, option.Values{"train.learning_rate": 1e-9, "reconstruction_rate": 1e3}).(*drcn)
	before := map[string][]float32{}
	for _, p := range m.Parameters().All() {
		before[p.Name] = slices.Clone(p.Data)
	}
	for step := range 3 {
		if _, err := m.Step(step, batchOf(domains.A, step)); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range m.Parameters().All() {
		var most float64
		for i, v := range p.Data {
			most = max(most, math.Abs(float64(v-before[p.Name][i])))
		}
		if moved := most > 1e-7; moved == strings.HasPrefix(p.Name, "classifier/") {
			t.Errorf("%s moves by %v", p.Name, most)
		}
	}
}

// Half of the pixels, of all channels together, are black, others at every step.
func TestBlacken(t *testing.T) {
	const pixels, channels, n = 50, 3, 40
	draw := func(step int) []float32 {
		x := make([]float32, n*channels*pixels)
		for i := range x {
			x[i] = float32(i)
		}
		blacken(x, pixels, channels, 0.5, 7, step)
		return x
	}
	x, black := draw(1), 0
	for i := range n {
		for k := range pixels {
			at := i*channels*pixels + k
			dark := x[at] == -1
			if dark {
				black++
			}
			for c := range channels {
				if v := x[at+c*pixels]; (v == -1) != dark || !dark && v != float32(at+c*pixels) {
					t.Fatalf("image %d, pixel %d, channel %d: %v", i, k, c, v)
				}
			}
		}
	}
	if share := float64(black) / (n * pixels); !(math.Abs(share-0.5) <= 0.05) { // four standard deviations
		t.Errorf("a share of %v is black", share)
	}
	if slices.Equal(x, draw(2)) || !slices.Equal(x, draw(1)) {
		t.Error("a step must have its own pixels")
	}
}

// The target's encoder begins at the source's, which then stays with the classifier; where the
// discriminator must be always right it stays as well.
func TestADDAKeepsTheSource(t *testing.T) {
	for gate, moves := range map[float64]bool{0: true, 1: false} {
		info, made, c := newTrained(t, "adda", domains.A, option.Values{"backbone": "p-small-bn", "gate": gate, "discriminator_rate": 1e-9})
		m := made.(*adda)
		phases := info.PhasesOf(c)
		if len(phases) != 2 || phases[0].Steps != 5 || phases[1].Steps != 5 || phases[0].Shows != [2]bool{true, false} || phases[1].Shows != [2]bool{true, true} {
			t.Fatalf("phases %+v", phases)
		}
		b := batchOf(domains.A, 0)
		d := &models.Data{Images: b.Images, Labels: b.Labels}
		train(t, m, d, phases, 0, 5, "")
		before := map[string][]float32{}
		for _, p := range m.Parameters().All() {
			before[p.Name] = slices.Clone(p.Data)
		}
		train(t, m, d, phases, 5, 10, "")
		for _, p := range m.Parameters().All() {
			want := before[strings.TrimPrefix(p.Name, keptPrefix)]
			still := strings.HasPrefix(p.Name, keptPrefix) || strings.HasPrefix(p.Name, "classifier/") || (strings.HasPrefix(p.Name, "encoder/") && !moves) || (p.State && strings.HasSuffix(p.Name, "/bias"))
			if same := slices.Equal(p.Data, want); same != still && !strings.HasPrefix(p.Name, "discriminator/") {
				t.Errorf("gate %v: %s stays %v, want %v", gate, p.Name, same, still)
			}
		}
		if err := justSo(m.Step(7, only(batchOf(domains.A, 0), domains.A))); err != "models: adda: a batch without images of b" {
			t.Errorf("a batch of the source: %s", err)
		}
		if err := justSo(m.Step(7, only(batchOf(domains.A, 0), domains.B))); err != "models: adda: a batch without images of a" {
			t.Errorf("a batch of the target: %s", err)
		}
	}
}

// justSo is the text of the error of a step.
func justSo(_ []models.Loss, err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// The nearest are the largest cosines in order, the first of equal ones first, never one's own.
func TestNearestOf(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for range 50 {
		x := make([]float32, 1+r.IntN(12))
		for i := range x {
			x[i] = float32(r.IntN(5))
		}
		own, most := r.IntN(len(x)+1)-1, 1+r.IntN(6)
		var want []int
		for len(want) < most {
			best := -1
			for i, v := range x {
				if i != own && !slices.Contains(want, i) && (best < 0 || v > x[best]) {
					best = i
				}
			}
			if best < 0 {
				break
			}
			want = append(want, best)
		}
		if got := nearestOf(x, own, most); !slices.Equal(got, want) {
			t.Fatalf("%d nearest of %v but %d: %v, want %v", most, x, own, got, want)
		}
	}
}

// A memory that is smaller than the set holds an even draw of it, in order.
func TestRemembered(t *testing.T) {
	if got := remembered(4, 4, 1); !slices.Equal(got, []int{0, 1, 2, 3}) {
		t.Errorf("places %v", got)
	}
	counts := make([]int, 10)
	for seed := range uint64(400) {
		next := 0
		for i, place := range remembered(10, 3, seed) {
			if place >= 0 {
				if place != next {
					t.Fatalf("image %d is at %d, want %d", i, place, next)
				}
				next++
				counts[i]++
			}
		}
		if next != 3 {
			t.Fatalf("%d are remembered", next)
		}
	}
	for i, c := range counts {
		if c < 80 || c > 160 { // 120 by chance, four standard deviations
			t.Errorf("image %d is remembered %d times of 400", i, c)
		}
	}
}

// What is not in a batch stays in the memory; without a neighbour that is sure the loss is a
// number.
func TestATDOCRemembers(t *testing.T) {
	_, made, _ := newTrained(t, "atdoc", domains.A, option.Values{"warmup": 0.0, "backbone": "p-small-bn", "train.batch": 6, "memory": 8})
	m := made.(*atdoc)
	all := batchOf(domains.A, 0).Images[domains.B]
	for step := 1; step < 3; step++ {
		more := batchOf(domains.A, step).Images[domains.B]
		all = &domains.Images{Shape: all.Shape, Data: append(slices.Clone(all.Data), more.Data...)}
	}
	d := &models.Data{}
	d.Images[domains.B] = all
	if err := m.Refresh(context.Background(), 0, d); err != nil {
		t.Fatal(err)
	}
	b := batchOf(domains.A, 0)
	b.Rows[domains.B] = []int{0, 1, 2, 3, 4, 5}
	before := slices.Clone(m.features.Data)
	if len(before) != 8*128 {
		t.Fatalf("%d features are remembered, want 8 rows of 128", len(before))
	}
	clear(m.predictions.Data)
	if _, err := m.Step(0, b); err != nil {
		t.Fatal(err)
	}
	for i, place := range m.places {
		if place < 0 {
			continue
		}
		lo := place * 128
		same := slices.Equal(before[lo:lo+128], m.features.Data[lo:lo+128])
		square := 0.0
		for _, v := range m.features.Data[lo : lo+128] {
			square += float64(v) * float64(v)
		}
		if same != (i > 5) || !(math.Abs(square-1) <= 1e-5) {
			t.Errorf("image %d: the same features %v, of squared length %v", i, same, square)
		}
	}
	b.Rows[domains.B][0] = 18
	if err := justSo(m.Step(1, b)); err != "models: atdoc: rows [18 1 2 3 4 5] of the target, of which 8 are remembered" {
		t.Errorf("a row that there is not: %s", err)
	}
}

// Trainings that stop within a phase go on with memory, averages, teacher and encoder as they
// were.
func TestStagesResume(t *testing.T) {
	for _, tt := range []struct {
		name    string
		stops   []int
		changes option.Values
	}{
		{"atdoc", []int{1, 3, 5}, option.Values{"warmup": 0.2, "memory": 7}},
		{"adda", []int{3, 4, 6}, option.Values{"source_share": 0.4, "gate": 0.0}},
		{"dirt-t", []int{3, 4, 5, 7}, option.Values{"vada_share": 0.4, "refresh": 2}},
		{"drcn", []int{4}, nil},
		{"dsn", []int{4}, nil},
	} {
		for _, stop := range tt.stops {
			o := option.Values{"backbone": "p-small-bn", "train.batch": 4}
			for name, v := range tt.changes {
				o[name] = v
			}
			killedAndResumed(t, tt.name, stop, o)
		}
	}
}

// perturbed are images of a network, what it says of them, and the images with the worst
// changes of two probes.
func perturbed(t *testing.T, n *recipe.Network, x *domains.Images, radius float64, probes ...float64) (said []float32, out [][]float32) {
	t.Helper()
	logits, err := n.Classify(x)
	if err != nil {
		t.Fatal(err)
	}
	p := make([]float64, n.Classes)
	for i := range logits.N {
		models.Softmax(p, logits.Row(i))
		for _, v := range p {
			said = append(said, float32(v))
		}
	}
	for _, probe := range probes {
		v, err := n.NewVirtual(x.Len(), 0, radius, probe)
		if err != nil {
			t.Fatal(err)
		}
		changed := make([]float32, len(x.Data))
		if err := v.Change(changed, x.Data, said, 1, 3); err != nil {
			t.Fatal(err)
		}
		out = append(out, changed)
	}
	return said, out
}

// The worst change has the radius, hardly depends on the probe, and raises the cross-entropy
// more than a random one of the same length on nine of ten images.
func TestVirtualChange(t *testing.T) {
	m := newOf(t, "source-only", domains.A, nil)
	for step := range 60 {
		if _, err := m.Step(step, batchOf(domains.A, step%3)); err != nil {
			t.Fatal(err)
		}
	}
	var data []float32
	for step := range 5 {
		data = append(data, batchOf(domains.A, step).Images[domains.B].Data...)
	}
	const radius = 0.5
	x := &domains.Images{Shape: goldenShape, Data: data}
	said, changed := perturbed(t, m.Network, x, radius, 0.02, 0.01)
	r, size := rand.New(rand.NewPCG(4, 4)), goldenShape.Len()
	random := make([]float32, len(data))
	larger, alike := 0, 0
	for i := range x.Len() {
		var dot, first, second, square float64
		for k := i * size; k < (i+1)*size; k++ {
			a, b := float64(changed[0][k]-data[k]), float64(changed[1][k]-data[k])
			dot, first, second = dot+a*b, first+a*a, second+b*b
			random[k] = float32(r.NormFloat64())
			square += float64(random[k]) * float64(random[k])
		}
		if !(math.Abs(math.Sqrt(first)-radius) <= 1e-4) {
			t.Errorf("image %d changes by %v, want %v", i, math.Sqrt(first), radius)
		}
		if dot/math.Sqrt(first*second) > 0.99 { // rectifiers switch between the probes of some
			alike++
		}
		for k := i * size; k < (i+1)*size; k++ {
			random[k] = data[k] + random[k]*float32(radius/math.Sqrt(square))
		}
	}
	loss := func(images []float32) []float64 {
		logits, err := m.Classify(&domains.Images{Shape: goldenShape, Data: images})
		if err != nil {
			t.Fatal(err)
		}
		out, p := make([]float64, logits.N), make([]float64, m.Classes)
		for i := range out {
			models.Softmax(p, logits.Row(i))
			for k, v := range p {
				out[i] -= float64(said[i*m.Classes+k]) * math.Log(v)
			}
		}
		return out
	}
	worst, any := loss(changed[0]), loss(random)
	for i := range worst {
		if worst[i] > any[i] {
			larger++
		}
	}
	if alike < 27 {
		t.Errorf("the changes of two probes are alike for %d of 30 images", alike)
	}
	if larger < 27 {
		t.Errorf("the change is worse than a random one on %d of 30 images", larger)
	}
}

// Of a linear network of two classes the worst change lies along the difference of their
// weights.
func TestVirtualChangeOfALinearNetwork(t *testing.T) {
	shape := domains.Shape{Channels: 1, Height: 2, Width: 3}
	c := models.Config{Shape: shape, Classes: 2, Seed: 3}
	n, err := recipe.NetworkOf(c, layers.Stack{Name: "encoder", In: []int{1, 2, 3}, Layers: []layers.Layer{layers.Flatten{}}},
		layers.Stack{Name: "classifier", In: []int{6}, Layers: []layers.Layer{layers.Linear{Units: 2}}})
	if err != nil {
		t.Fatal(err)
	}
	x := &domains.Images{Shape: shape, Data: []float32{0.1, -0.2, 0.3, 0, 0.5, 0.4, -0.3, 0.2, 0.1, 0.6, -0.5, 0.2}}
	_, changed := perturbed(t, n, x, 2, 0.1)
	w := n.Parameters().Get("classifier/fc1/weight").Data
	for i := range 2 {
		var dot, square float64
		for k := range 6 {
			d := float64(w[k] - w[6+k])
			dot += d * float64(changed[0][i*6+k]-x.Data[i*6+k])
			square += d * d
		}
		if cosine := math.Abs(dot) / (2 * math.Sqrt(square)); !(math.Abs(cosine-1) <= 1e-4) {
			t.Errorf("image %d: the cosine with the weights is %v", i, cosine)
		}
	}
}

// Without normalisation the renewed teacher says at first what the network does, so that its
// loss is the entropy; vada's average is what classifies; an average that forgets at once is
// the network.
func TestDIRTTBeginsAtItsTeacher(t *testing.T) {
	_, made, _ := newTrained(t, "dirt-t", domains.A, option.Values{"vada_share": 0.5})
	m := made.(*dirtT)
	for step := range 5 {
		if _, err := m.Step(step, batchOf(domains.A, step)); err != nil {
			t.Fatal(err)
		}
	}
	x := batchOf(domains.A, 9).Images[domains.B]
	before, err := m.Classify(x)
	if err != nil {
		t.Fatal(err)
	}
	losses, err := m.Step(5, only(batchOf(domains.A, 9), domains.B))
	if err != nil {
		t.Fatal(err)
	}
	if losses[0].Name != "entropy" || losses[2].Name != "teacher" || !(math.Abs(losses[0].Value-losses[2].Value) <= 1e-5) {
		t.Errorf("losses %v, want the teacher's to be the entropy", losses)
	}
	p, entropy := make([]float64, m.Classes), 0.0
	for i := range before.N {
		models.Softmax(p, before.Row(i))
		for _, v := range p {
			entropy -= v * math.Log(v) / float64(before.N)
		}
	}
	if !(math.Abs(entropy-losses[0].Value) <= 1e-5) {
		t.Errorf("the entropy of the average's predictions is %v, that of the step %v", entropy, losses[0].Value)
	}
	_, made, _ = newTrained(t, "vada", domains.A, option.Values{"average": 0.0, "train.learning_rate": 0.01})
	v := made.(*vada)
	for step := range 3 {
		if _, err := v.Step(step, batchOf(domains.A, step)); err != nil {
			t.Fatal(err)
		}
	}
	mean, err := v.Classify(x)
	if err != nil {
		t.Fatal(err)
	}
	_, own, err := v.Read(x)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(mean.Data, own.Data) {
		t.Error("an average that forgets at once is not the network")
	}
}

// What each costs is counted by layers.
func TestCostOfStages(t *testing.T) {
	encoder, head := recipe.Backbone(models.Config{Shape: goldenShape, Classes: goldenClasses, Options: option.Values{"backbone": "p-small", "standardise": false}})
	e, f := encoder.MACs()
	h, _ := head.MACs()
	decoder, _ := recipe.Decoder("d", []int{128}, goldenShape).MACs()
	if want := 128*512 + 32*16*16*16 + 16*16*64; decoder != want {
		t.Errorf("a decoder costs %d, want %d", decoder, want)
	}
	small := 128*7 + 7
	for name, want := range map[string]int{
		"drcn": 3*(e+h) - f + 3*(e+decoder) - f,
		"dsn":  2*(3*(e+h+decoder+128*500+500*500+500)-f) + 2*(3*e-f),
		"se":   2*(3*(e+h)-f) + e + h, "fixmatch": 2*(3*(e+h)-f) + e + h,
		"adda": 2*(e+h) + 3*e - f + 2*h + 8*(3*500+500*500+500),
		"vada": 2 * ((e + h + 3*small) + 2*(e+h) + 2*(3*(e+h)-f) + 2*small),
		// The search goes through a full memory.
		"atdoc": 2*(3*(e+h)-f) + 2*(e+h) + 10000*128,
	} {
		m := wholeOf(t, name, domains.A, map[bool]option.Values{true: {"discriminator": 7}}[name == "vada"]).(models.Costed)
		if m.MACs() != want {
			t.Errorf("a step of %s costs %d, want %d", name, m.MACs(), want)
		}
	}
}

// What no training can be made of is said in one line with the option.
func TestStagesRefuse(t *testing.T) {
	for name, want := range map[string]string{
		"dirt-t": "{model.vada_share 1 gives vada 10 of 10 steps; want one at least for it and for what follows}",
		"adda":   "{model.source_share 1 gives the source 10 of 10 steps; want one at least for it and for the target}",
	} {
		info, _, c := newTrained(t, name, domains.A, nil)
		c.Options[map[string]string{"dirt-t": "vada_share", "adda": "source_share"}[name]] = 1.0
		if faults := info.Check(c); len(faults) != 1 || strings.TrimSpace(faultText(faults)) != want {
			t.Errorf("%s: faults %v, want %s", name, faults, want)
		}
	}
	for _, name := range []string{"dsn", "drcn"} {
		info, _, c := newTrained(t, name, domains.A, nil)
		c.Shape.Height, c.Shape.Width = 18, 18
		if faults := info.Check(c); len(faults) != 1 || faults[0].Option != "image.size" || !strings.Contains(faults[0].Problem, "18 is not a multiple of 4") {
			t.Errorf("%s: faults %v", name, faults)
		}
	}
	for _, name := range []string{"vada", "dirt-t", "drcn"} {
		_, m, _ := newTrained(t, name, domains.A, nil)
		if err := justSo(m.Step(0, only(batchOf(domains.A, 0), domains.A))); !strings.Contains(err, "a batch without images of") || strings.Contains(err, "\n") {
			t.Errorf("%s without the target: %s", name, err)
		}
	}
}

func faultText(faults []option.Error) (out string) {
	for _, f := range faults {
		out += "{" + f.Option + " " + f.Problem + "} "
	}
	return out
}
