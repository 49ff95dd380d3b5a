package icgan

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/golden"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/layers"
	"github.com/venn-adapt/venn/models/modelstest"
)

// newSmall makes the model of testdata/golden.py.
func newSmall(t *testing.T, changes option.Values) *Model {
	t.Helper()
	method, err := models.Methods.Get("icgan")
	if err != nil {
		t.Fatal(err)
	}
	o := option.Defaults(method.AllOptions())
	maps.Copy(o, option.Values{"base": 4, "code": 5, "encoder_base": 3, "hidden": 6, "train.batch": 3, "train.iterations": 10})
	maps.Copy(o, changes)
	m, err := newModel(models.Config{Shape: domains.Shape{Channels: 3, Height: 32, Width: 32}, Options: o, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Updates of critic, generator and encoders agree with PyTorch: losses, gradients, parameters and
// running moments afterwards, and then codes, labels and images with exchanged labels.
func TestAgainstPyTorch(t *testing.T) {
	raw, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Images                      int
		Losses                      map[string]float64
		Gradients, After, Evaluated map[string]golden.Tensor
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	m, n := newSmall(t, nil), want.Images
	for _, p := range m.ps.All() {
		low, high := -0.3, 0.3
		switch {
		case strings.HasSuffix(p.Name, "/scale") || strings.HasSuffix(p.Name, "/variance"):
			low, high = 0.5, 1.5
		case len(p.Shape) > 1:
			high = 1.5 / math.Sqrt(float64(len(p.Data)/p.Shape[0]))
			low = -high
		}
		golden.Fill(p.Data, p.Name, low, high)
	}
	x := &domains.Images{Shape: m.shape, Data: make([]float32, n*m.shape.Len())}
	golden.Fill(x.Data, "images", -1, 1)
	half := len(x.Data) / 2
	batch := modelstest.Pair(&domains.Images{Shape: m.shape, Data: x.Data[:half]}, &domains.Images{Shape: m.shape, Data: x.Data[half:]})
	codes := func(dst []float32, part int) {
		z := make([]float32, n*m.nets.code)
		golden.Fill(z, fmt.Sprint("codes/", part), -1.5, 1.5)
		for i, from := range []int{1, 5, 4, 0, 3, 2} {
			row := dst[i*m.width() : (i+1)*m.width()]
			copy(row, z[i*m.nets.code:(i+1)*m.nets.code])
			row[m.nets.code], row[m.nets.code+1] = -1, 1
			if from < n/2 {
				row[m.nets.code], row[m.nets.code+1] = 1, -1
			}
		}
	}
	s, err := m.newGAN(n)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.show(s.critic.real, s.critic.own, batch); err != nil {
		t.Fatal(err)
	}
	codes(s.codes, 0)
	compared := 0
	gradients := func(o *models.Optimiser, of func(i int) []float32) {
		for i, p := range o.Parameters() {
			want.Gradients[p.Name].Compare(t, "gradient of "+p.Name, of(i), golden.Near(2e-4*want.Gradients[p.Name].Scale()+2e-5))
			compared++
		}
	}
	inverse, err := m.newInverse(n)
	if err != nil {
		t.Fatal(err)
	}
	if err := m.show(inverse.learn.real, inverse.learn.own, batch); err != nil {
		t.Fatal(err)
	}
	codes(inverse.drawn, 1)
	losses, err := m.find(inverse, 1)
	if err != nil {
		t.Fatal(err)
	}
	m.last = nil
	gradients(m.encoders, func(i int) []float32 { return inverse.learn.Gradient(i).Data().([]float32) })
	judged, err := m.judge(s, 0)
	if err != nil {
		t.Fatal(err)
	}
	gradients(m.critic, func(i int) []float32 { return s.critic.Gradient(i).Data().([]float32) })
	made, err := m.generate(s, 0)
	if err != nil {
		t.Fatal(err)
	}
	gradients(m.generator, func(i int) []float32 { return s.generator.Gradient(i).Data().([]float32) })
	for _, l := range slices.Concat(losses, judged, made) {
		tolerance := 3e-5
		if l.Name == "generator" { // the critic has been updated by the sign of what is but rounding
			tolerance = 4e-4
		}
		if v, ok := want.Losses[l.Name]; !ok || !(math.Abs(l.Value-v) <= tolerance*max(1, v)) {
			t.Errorf("%s: %v, PyTorch %v", l.Name, l.Value, v)
		}
	}
	for _, p := range m.ps.All() {
		if p.State && strings.HasPrefix(p.Name, "critic/") {
			continue // nothing follows these
		}
		gradient := want.Gradients[p.Name].Values()
		noise := max(2e-5, 2e-4*want.Gradients[p.Name].Scale())
		want.After[p.Name].Compare(t, p.Name+" after the updates", p.Data, func(i int) float64 {
			if gradient != nil && math.Abs(float64(gradient[i])) < noise {
				return 4.1e-4 // Adam's first step is the rate times the gradient's sign
			}
			return 4e-5
		})
	}
	if compared != len(want.Gradients) {
		t.Errorf("%d gradients are compared, want %d", compared, len(want.Gradients))
	}
	c, err := m.Encode(x)
	if err != nil {
		t.Fatal(err)
	}
	labels := make([]float32, 2*n)
	swapped := models.Codes{c.Of(models.Common), c.Of(models.SeparateA).Take([]int{5, 4, 3, 2, 1, 0}), c.Of(models.SeparateB).Take([]int{5, 4, 3, 2, 1, 0})}
	for i := range n {
		labels[2*i], labels[2*i+1] = c.Of(models.SeparateA).Data[i], c.Of(models.SeparateB).Data[i]
	}
	images, err := m.Decode(n, swapped)
	if err != nil {
		t.Fatal(err)
	}
	want.Evaluated["common"].Compare(t, "codes", c.Of(models.Common).Data, golden.Near(2e-3))
	want.Evaluated["labels"].Compare(t, "labels", labels, golden.Near(2e-3))
	want.Evaluated["swapped"].Compare(t, "images", images.Data, golden.Near(2e-3))
}

func noise(shape domains.Shape, n int) *domains.Images {
	x := &domains.Images{Shape: shape, Data: make([]float32, n*shape.Len())}
	golden.Fill(x.Data, "noise", -1, 1)
	return x
}

// Parameters are as many as PyTorch counts, the specification's at three sizes; costs are in
// millions.
func TestSizes(t *testing.T) {
	raw, err := os.ReadFile("testdata/counts.json")
	if err != nil {
		t.Fatal(err)
	}
	var counts map[string]map[string]int
	if err := json.Unmarshal(raw, &counts); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		side, labels int
		given        option.Values
		macs         []float64 // of generator, critic, and encoders of codes and labels; or of an edit
	}{
		{128, 18, nil, nil},
		{64, 18, option.Values{"base": 64, "code": 100, "encoder_base": 32, "hidden": 512}, []float64{104.8, 113.3, 59.0, 43.9}},
		{32, 18, option.Values{"base": 64, "code": 100, "encoder_base": 32, "hidden": 512}, nil},
		{64, 1, nil, []float64{53.7}}, {32, 1, nil, []float64{9.9}},
	} {
		if testing.Short() && tt.side == 128 {
			continue // 105 million parameters
		}
		o := option.Values{"base": 0, "code": 0, "encoder_base": 0, "hidden": 0}
		maps.Copy(o, tt.given)
		n := newNetworks(tt.side, 3, sizesOf(o, tt.side), tt.labels)
		ps := models.NewParameters()
		for _, s := range n.all() {
			s.Init(ps, 1)
		}
		name := fmt.Sprintf("full %d", tt.side)
		if tt.labels == 1 {
			name = fmt.Sprintf("small %d", tt.side)
		}
		for part, want := range counts[name] {
			if got := ps.Count(part + "/"); got != want || got == 0 {
				t.Errorf("%s: %s has %d parameters, PyTorch %d", name, part, got, want)
			}
		}
		if len(counts[name]) != 4 {
			t.Errorf("%s: counts of %v", name, counts[name])
		}
		got := []int{layers.MACs(n.generator), layers.MACs(n.image, n.joint), layers.MACs(n.latent), layers.MACs(n.labels)}
		if len(tt.macs) == 1 { // an image is read by both encoders and made anew
			got = []int{got[0] + got[2] + got[3]}
		}
		for i, want := range tt.macs {
			if millions := float64(got[i]) / 1e6; !(millions >= 0.99*want && millions <= 1.01*want) {
				t.Errorf("%s: part %d takes %.1f million multiply-accumulates, want %v", name, i, millions, want)
			}
		}
	}
	m := newSmall(t, nil)
	g, image, joint := layers.MACs(m.nets.generator), layers.MACs(m.nets.image), layers.MACs(m.nets.joint)
	if want := 2 * (4*g + 8*image + 11*joint); m.MACs() != want {
		t.Errorf("a step takes %d, want %d", m.MACs(), want)
	}
	if l := m.Layers(); len(l) != 4+1+3+3+3 || !l[0].Transposed || l[4].Name != "critic/image/conv1" {
		t.Errorf("layers %+v", l)
	}
}

// The maps of the paper's table.
func TestShapes(t *testing.T) {
	for side, want := range map[int]string{
		128: "[1024 4 4] [512 8 8] [256 16 16] [128 32 32] [64 64 64] [3 128 128] | [128 32 32] [256 16 16] [512 8 8] [1024 4 4] [1 1 1] | [32 64 64] [64 32 32] [128 16 16] [256 8 8] [512 4 4]",
		64:  "[512 4 4] [256 8 8] [128 16 16] [64 32 32] [3 64 64] | [128 16 16] [256 8 8] [512 4 4] [1 1 1] | [32 32 32] [64 16 16] [128 8 8] [256 4 4]",
		32:  "[256 4 4] [128 8 8] [64 16 16] [3 32 32] | [128 8 8] [256 4 4] [1 1 1] | [32 16 16] [64 8 8] [128 4 4]",
	} {
		n, got := newNetworks(side, 3, sizes{64, 100, 32, 512}, 2), ""
		for k, s := range []layers.Stack{n.generator, n.joint, n.latent} {
			shapes, err := s.Shapes()
			if err != nil {
				t.Fatal(err)
			}
			if k > 0 {
				got += "| "
			}
			for i, l := range s.Layers {
				switch l.(type) {
				case layers.Conv, layers.Deconv:
					got += fmt.Sprint(shapes[i+1], " ")
				}
			}
		}
		if strings.TrimSpace(got) != want {
			t.Errorf("%d pixels: %s, want %s", side, got, want)
		}
	}
}

// What is drawn: numbers of mean 0 and variance 1, labels of either domain as likely, other ones at
// another step.
func TestDraw(t *testing.T) {
	m := newSmall(t, nil)
	rows := make([]float32, 4000*m.width())
	m.draw(rows, "code", 3)
	var sum, square, ofA float64
	for i := 0; i < len(rows); i += m.width() {
		for _, v := range rows[i : i+m.nets.code] {
			sum, square = sum+float64(v), square+float64(v)*float64(v)
		}
		a, b := rows[i+m.nets.code], rows[i+m.nets.code+1]
		if a != -b || a != 1 && a != -1 {
			t.Fatalf("labels %v and %v", a, b)
		}
		ofA += float64(a+1) / 2
	}
	n := 4000. * float64(m.nets.code)
	if !(math.Abs(sum/n) <= 5/math.Sqrt(n)) || !(math.Abs(square/n-1) <= 5*math.Sqrt(2/n)) || !(math.Abs(ofA-2000) <= 5*math.Sqrt(1000)) {
		t.Errorf("mean %v, mean square %v, %v of 4000 of A", sum/n, square/n, ofA)
	}
	labels := make([]float32, 2*4000)
	m.labelsOf(labels, rows)
	if labels[0] != rows[m.nets.code] || labels[7999] != rows[len(rows)-1] {
		t.Error("labels are not those behind the codes")
	}
	other := make([]float32, len(rows))
	m.draw(other, "code", 4)
	if slices.Equal(rows, other) {
		t.Error("two steps draw the same")
	}
}

// A training is of two phases, each with losses and updates of its own; before the second the
// generator's moments are those of all that it normalises in a hundred passes.
func TestPhases(t *testing.T) {
	method, err := models.Methods.Get("icgan")
	if err != nil {
		t.Fatal(err)
	}
	m := newSmall(t, nil)
	c := models.Config{Shape: m.shape, Options: m.options}
	if got := fmt.Sprintf("%+v", method.PhasesOf(c)); got != "[{Name:generator Steps:8 Shows:[true true] RefreshEvery:0} {Name:encoders Steps:2 Shows:[true true] RefreshEvery:2}]" {
		t.Errorf("phases %s", got)
	}
	b := modelstest.Pair(noise(m.shape, 3), noise(m.shape, 3))
	for step, want := range map[int]string{7: "generator critic/real critic/wrong critic/made ", 8: "labels latent "} {
		losses, err := m.Step(step, b)
		if err != nil {
			t.Fatal(err)
		}
		names := ""
		for _, l := range losses {
			names += l.Name + " "
		}
		if names != want {
			t.Errorf("losses at step %d: %s, want %s", step, names, want)
		}
	}
	if m.generator.Steps != 1 || m.critic.Steps != 1 || m.encoders.Steps != 1 || m.generator.Rate != 2e-4 || m.encoders.Rate != 1e-4 || m.encoders.Beta1 != 0.1 {
		t.Errorf("updates: %d, %d, %d", m.generator.Steps, m.critic.Steps, m.encoders.Steps)
	}
	if err := m.Refresh(context.Background(), 8, nil); err != nil {
		t.Fatal(err)
	}
	// the first stage is linear: the mean of what it makes is that of the mean row
	mean, rows := make([]float64, m.width()), make([]float32, 6*m.width())
	for pass := range 100 {
		m.draw(rows, "moments", pass)
		for i, v := range rows {
			mean[i%m.width()] += float64(v) / 600
		}
	}
	weight, bias := m.ps.Get("generator/deconv2/weight"), m.ps.Get("generator/deconv2/bias").Data
	channels := weight.Shape[1]
	for c := range channels {
		want := float64(bias[c])
		for i, v := range mean {
			for k := range 16 {
				want += v * float64(weight.Data[(i*channels+c)*16+k]) / 16
			}
		}
		if got := float64(m.ps.Get("generator/norm3/mean").Data[c]); !(math.Abs(got-want) <= 1e-5) {
			t.Fatalf("mean of channel %d is %v, want %v", c, got, want)
		}
	}
	stopped, cancel := context.WithCancel(context.Background())
	cancel()
	if err := m.Refresh(stopped, 8, nil); err != context.Canceled {
		t.Errorf("a refresh that is stopped: %v", err)
	}
	if _, err := m.Step(0, modelstest.Pair(noise(m.shape, 2), noise(m.shape, 3))); err == nil || err.Error() != "models: icgan: a batch without 3 images of a" {
		t.Errorf("a smaller batch: %v", err)
	}
}

// What labels an edit asks for, of predictions 0.4 and −3 in A and of others in B.
func TestEdits(t *testing.T) {
	m := newSmall(t, nil)
	// encoders that say their biases alone, whatever the image
	for _, p := range m.ps.Below("labels/") {
		if strings.HasSuffix(p.Name, "fc14/weight") {
			p.Fill(0)
		}
	}
	bias := m.ps.Get("labels/fc14/bias").Data
	bias[0], bias[1] = 0.4, -3
	x := noise(m.shape, 2)
	c, err := m.Encode(x)
	if err != nil {
		t.Fatal(err)
	}
	with := func(a, b float32) []float32 {
		labels := func(role models.Role, v float32) *models.Block {
			return &models.Block{Role: role, N: 2, D: 1, Channels: 1, Data: []float32{v, v}}
		}
		out, err := m.Decode(2, models.Codes{c.Of(models.Common), labels(models.SeparateA, a), labels(models.SeparateB, b)})
		if err != nil {
			t.Fatal(err)
		}
		return out.Data
	}
	empty, content, guide, some := models.Empty, models.OfContent, models.OfGuide, models.Any
	for _, tt := range []struct {
		edit      models.Edit
		strength  float64 // 0: Translate
		threshold bool
		a, b      float32
	}{
		{models.Edit{Content: domains.A, Own: [2]models.Slot{content, empty}}, 0, true, 1, -1},
		{models.Edit{Content: domains.A, Own: [2]models.Slot{content, empty}}, 0, false, 0.4, -1},
		{models.Edit{Content: domains.A, Own: [2]models.Slot{empty, some}}, 0, true, -1, 1},
		{models.Edit{Content: domains.A, Own: [2]models.Slot{empty, some}}, 0.5, true, 0, 0},
		{models.Edit{Content: domains.A, Own: [2]models.Slot{empty, some}}, 2, true, -3, 3},
		{models.Edit{Content: domains.B, Own: [2]models.Slot{some, content}}, 0, true, 1, -1},
		{models.Edit{Content: domains.B, Own: [2]models.Slot{some, content}}, 0, false, 1, -3},
		{models.Edit{Content: domains.A, Own: [2]models.Slot{empty, guide}}, 0, true, -1, -1},
		{models.Edit{Content: domains.B, Own: [2]models.Slot{guide, empty}}, 0, false, 0.4, -1},
		{models.Edit{Content: domains.B, Own: [2]models.Slot{empty, empty}}, 0, true, -1, -1},
	} {
		m.options["threshold"] = tt.threshold
		var guides *domains.Images
		if tt.edit.Guided() {
			guides = noise(m.shape, 2)
		}
		out, err := m.Translate(tt.edit, x, guides)
		if tt.strength != 0 {
			out, err = m.TranslateAt(tt.edit, tt.strength, x)
		}
		if err != nil {
			t.Fatal(err)
		}
		if want := with(tt.a, tt.b); !slices.Equal(out.Data, want) {
			t.Errorf("%v at %v, threshold %v: not labels %v and %v", tt.edit, tt.strength, tt.threshold, tt.a, tt.b)
		}
		if !slices.Contains(m.Edits(), tt.edit) {
			t.Errorf("%v is not listed", tt.edit)
		}
	}
	if n := len(m.Edits()); n != 12 {
		t.Errorf("%d edits, want 12", n)
	}
	off, err := m.Decode(2, models.Codes{c.Of(models.Common)})
	if err != nil || !slices.Equal(off.Data, with(-1, -1)) {
		t.Errorf("labels without a block are not off: %v", err)
	}
	guided := models.Edit{Content: domains.A, Own: [2]models.Slot{empty, guide}}
	for want, do := range map[string]func() error{
		"models: icgan: want a guide for each of 2 contents":          func() error { _, err := m.Translate(guided, x, noise(m.shape, 1)); return err },
		"models: icgan: an edit by degrees takes no guide: {a [0 2]}": func() error { _, err := m.TranslateAt(guided, 1, x); return err },
		"models: icgan: images are 3x16x16, the model takes 3x32x32": func() error {
			_, err := m.Encode(noise(domains.Shape{Channels: 3, Height: 16, Width: 16}, 1))
			return err
		},
		"models: icgan: code block 0 is 2x5, want 3x5": func() error { _, err := m.Decode(3, models.Codes{c.Of(models.Common)}); return err },
		"models: icgan: a label is an image's own or its guide's, not the other way: {a [2 1]}": func() error {
			_, err := m.Translate(models.Edit{Content: domains.A, Own: [2]models.Slot{guide, content}}, x, x)
			return err
		},
	} {
		if err := do(); err == nil || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// First weights of generator and critic are small, their scales about 1, those of the encoders as
// PyTorch draws them.
func TestInit(t *testing.T) {
	m := newSmall(t, option.Values{"base": 32, "encoder_base": 16})
	deviation := func(name string, about float64) float64 {
		sum := 0.0
		data := m.ps.Get(name).Data
		for _, v := range data {
			sum += (float64(v) - about) * (float64(v) - about)
		}
		return math.Sqrt(sum / float64(len(data)))
	}
	for name, want := range map[string][2]float64{"generator/deconv5/weight": {0, 0.02}, "critic/joint/conv1/weight": {0, 0.02}, "generator/norm3/scale": {1, 0.02},
		"critic/image/conv1/bias": {0, 0}, "generator/norm3/shift": {0, 0}, "labels/conv4/weight": {0, 1 / math.Sqrt(3*16*25)}} {
		if got := deviation(name, want[0]); !(math.Abs(got-want[1]) <= 0.15*want[1]) {
			t.Errorf("%s deviates by %v from %v, want %v", name, got, want[0], want[1])
		}
	}
}

// Both phases make a step, and codes an image, at every size of images.
func TestSides(t *testing.T) {
	for _, side := range []int{16, 64, 128, 256} {
		if testing.Short() && side > 64 {
			continue
		}
		o := newSmall(t, option.Values{"base": 2, "encoder_base": 2}).options
		m, err := newModel(models.Config{Shape: domains.Shape{Channels: 3, Height: side, Width: side}, Options: o, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		x := noise(m.shape, 2)
		for _, step := range []int{0, 9} {
			if _, err := m.Step(step, modelstest.Pair(x, x)); err != nil {
				t.Errorf("%d pixels, step %d: %v", side, step, err)
			}
		}
		if y, err := m.Translate(models.Reconstruction(domains.B), x, nil); err != nil || y.Shape != x.Shape || y.Len() != 2 {
			t.Errorf("%d pixels: edits %v, %v", side, y, err)
		}
	}
	if _, err := newModel(models.Config{Shape: domains.Shape{Channels: 3, Height: 24, Width: 24}, Options: newSmall(t, nil).options}); err == nil || err.Error() != "models: icgan: image.size: 24, want 16, 32, 64, 128 or 256" {
		t.Errorf("24 pixels: %v", err)
	}
}
