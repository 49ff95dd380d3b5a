package modelstest_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/parallel"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/modelstest"
)

// A toy keeps the contract: it learns the mean image, its common code is an image's mean
// and its separate codes are two pixels. Each field breaks one promise.
type toy struct {
	ps     *models.Parameters
	shape  domains.Shape
	rate   float64
	hidden float64 // not among the parameters

	step   func(m *toy, step int, a, b *domains.Images, losses []models.Loss) ([]models.Loss, error)
	encode func(m *toy, x *domains.Images, c models.Codes) models.Codes
	decode func(m *toy, im *domains.Images, common, a, b *models.Block) *domains.Images
	late   bool    // looks for losses that are not finite after the update
	heeds  [2]bool // attributes of a, of b
}

func (m *toy) w() []float32 { return m.ps.Get("mean").Data }

func (m *toy) Step(step int, batch *models.Batch) ([]models.Loss, error) {
	a, b := batch.Images[0], batch.Images[1]
	w, target := m.w(), make([]float64, m.shape.Len())
	for _, im := range []*domains.Images{a, b} {
		for i := range im.Len() {
			for k, v := range im.At(i) {
				target[k] += float64(v) / float64(2*im.Len())
			}
		}
	}
	var loss float64
	for k := range w {
		loss += math.Pow(float64(w[k])-target[k], 2) / float64(len(w))
	}
	losses := []models.Loss{{Name: "square", Value: loss}}
	if err := models.CheckFinite("toy", step+1, losses, nil); err != nil && !m.late {
		return nil, err
	}
	for k := range w {
		w[k] -= float32(m.rate * (float64(w[k]) - target[k]))
	}
	for side, heeds := range m.heeds {
		if given := batch.Given[side]; heeds && given != nil {
			for i, v := range given.Data {
				w[0] += float32(i+1) * v / 1024
			}
		}
	}
	if m.step != nil {
		return m.step(m, step, a, b, losses)
	}
	return losses, models.CheckFinite("toy", step+1, losses, nil)
}

func (m *toy) Encode(x *domains.Images) (models.Codes, error) {
	block := func(role models.Role, f func(x []float32) float32) *models.Block {
		b := models.NewBlock(role, x.Len(), 1, 1)
		for i := range x.Len() {
			b.Data[i] = f(x.At(i))
		}
		return b
	}
	c := models.Codes{
		block(models.Common, func(x []float32) (mean float32) {
			for _, v := range x {
				mean += v / float32(len(x))
			}
			return mean
		}),
		block(models.SeparateA, func(x []float32) float32 { return x[0] }),
		block(models.SeparateB, func(x []float32) float32 { return x[len(x)-1] }),
	}
	if m.encode != nil {
		c = m.encode(m, x, c)
	}
	return c, nil
}

func (m *toy) Decode(n int, c models.Codes) (*domains.Images, error) {
	common, a, b := c.Of(models.Common), c.Of(models.SeparateA), c.Of(models.SeparateB)
	im := &domains.Images{Shape: m.shape, Data: make([]float32, n*m.shape.Len())}
	for i := range n {
		for k, v := range m.w() {
			for j, block := range []*models.Block{common, a, b} {
				if block != nil {
					im.At(i)[k] += []float32{0.5, 0.25, 0.125}[j] * block.Row(i)[0]
				}
			}
			im.At(i)[k] += v
		}
	}
	if m.decode != nil {
		im = m.decode(m, im, common, a, b)
	}
	return im, nil
}

func (m *toy) Parameters() *models.Parameters  { return m.ps }
func (m *toy) Optimisers() []*models.Optimiser { return nil }
func (m *toy) MACs() int                       { return m.shape.Len() }
func (m *toy) Layers() []models.Layer          { return nil }

func method(change func(m *toy, c models.Config)) models.Method {
	return models.Method{Name: "toy", Doc: "the mean image", Citation: "none needed", Version: 1, Loop: models.Loop{Iterations: 100, Batch: 4},
		Options: []option.Option{{Name: "rate", Kind: option.Float, Default: 0.5, Min: 0, Max: 1, Doc: "share of the way to the mean that a step goes"}},
		New: func(c models.Config) (models.Model, error) {
			m := &toy{ps: models.NewParameters(), shape: c.Shape, rate: c.Options.Float("rate")}
			r := stream.New(c.Seed, "toy")
			for i := range m.ps.Add("mean", false, c.Shape.Len()).Data {
				m.w()[i] = float32(r.NormFloat64())
			}
			if change != nil {
				change(m, c)
			}
			return m, nil
		}}
}

func TestSoundMethod(t *testing.T) {
	if err := modelstest.Method(method(nil), modelstest.Options{}); err != nil {
		t.Error(err)
	}
}

func TestBrokenMethods(t *testing.T) {
	type losses = []models.Loss
	made := 0
	for _, tt := range []struct {
		name   string
		change func(m *toy, c models.Config)
		want   string
	}{
		{"does not learn", func(m *toy, _ models.Config) { m.rate = 0 }, "square goes from"},
		{"unlearns", func(m *toy, _ models.Config) { m.rate = -m.rate / 100 }, "square goes from"},
		{"NaN", func(m *toy, _ models.Config) {
			m.step = func(_ *toy, _ int, _, _ *domains.Images, l losses) (losses, error) {
				l[0].Value = math.NaN()
				return l, nil
			}
		}, `step 1: loss 1 is "square" of NaN`},
		{"other names", func(m *toy, _ models.Config) {
			m.step = func(_ *toy, step int, _, _ *domains.Images, l losses) (losses, error) {
				if step == 2 {
					l[0].Name = "other"
				}
				return l, nil
			}
		}, `step 3: loss 1 is "other"`},
		{"no losses", func(m *toy, _ models.Config) {
			m.step = func(*toy, int, *domains.Images, *domains.Images, losses) (losses, error) { return nil, nil }
		}, "step 1 gives 0 losses"},
		{"changes a batch", func(m *toy, _ models.Config) {
			m.step = func(_ *toy, _ int, a, _ *domains.Images, l losses) (losses, error) { a.Data[0] = 0.5; return l, nil }
		}, "step 1 changes the images"},
		{"fails", func(m *toy, _ models.Config) {
			m.step = func(*toy, int, *domains.Images, *domains.Images, losses) (losses, error) {
				return nil, errors.New("cannot")
			}
		}, "step 1: cannot"},
		{"draws anew", func(m *toy, _ models.Config) {
			m.step = func(m *toy, _ int, _, _ *domains.Images, l losses) (losses, error) {
				m.w()[0] += rand.Float32()
				return l, nil
			}
		}, "or a second time, train other bytes: mean"},
		{"depends on threads", func(m *toy, _ models.Config) {
			m.step = func(m *toy, _ int, _, _ *domains.Images, l losses) (losses, error) {
				m.w()[0] += float32(parallel.Limit())
				return l, nil
			}
		}, "3 threads, or a second time, train other bytes: mean"},
		{"ignores the seed", func(m *toy, _ models.Config) { clear(m.w()) }, "another seed begins with the same parameters"},
		{"forgets what it keeps beside the parameters", func(m *toy, _ models.Config) {
			m.step = func(m *toy, _ int, _, _ *domains.Images, l losses) (losses, error) {
				m.hidden++
				m.w()[0] += float32(m.hidden)
				return l, nil
			}
		}, "resumed after 2 of 4 steps ends with other bytes: mean"},
		{"ignores an option", func(m *toy, _ models.Config) { m.rate = 0.5 }, "rate = 0.25 changes nothing in 4 steps; want an effect, or a reason in Quiet"},
		{"looks for NaN too late", func(m *toy, _ models.Config) { m.late = true }, "mean moves although the loss is not finite"},
		{"takes NaN", func(m *toy, _ models.Config) {
			m.late = true
			m.step = func(_ *toy, _ int, _, _ *domains.Images, l losses) (losses, error) { return l, nil }
		}, "a step on images that are not numbers gives error <nil>"},
		{"encodes by company", func(m *toy, _ models.Config) {
			m.encode = func(_ *toy, x *domains.Images, c models.Codes) models.Codes {
				c.Of(models.Common).Data[x.Len()-1] += x.Data[0]
				return c
			}
		}, "the common code of an image depends on the images beside it"},
		{"encodes another time otherwise", func(m *toy, _ models.Config) {
			m.encode = func(m *toy, _ *domains.Images, c models.Codes) models.Codes {
				m.hidden++
				c.Of(models.SeparateA).Data[0] += float32(m.hidden)
				return c
			}
		}, "the separate-a code of the same images differs when they are read again"},
		{"changes images that it encodes", func(m *toy, _ models.Config) {
			m.encode = func(_ *toy, x *domains.Images, c models.Codes) models.Codes { x.Data[1] = 0.125; return c }
		}, "reading the codes changes the images"},
		{"a code too short", func(m *toy, _ models.Config) {
			m.encode = func(_ *toy, _ *domains.Images, c models.Codes) models.Codes {
				c.Of(models.SeparateB).Data = c.Of(models.SeparateB).Data[1:]
				return c
			}
		}, "the separate-b code is no block of 3 rows"},
		{"no shared code", func(m *toy, _ models.Config) {
			m.encode = func(_ *toy, _ *domains.Images, c models.Codes) models.Codes { return c[1:] }
		}, "no block of codes stands for an image in either domain"},
		{"no block", func(m *toy, _ models.Config) {
			m.encode = func(_ *toy, _ *domains.Images, c models.Codes) models.Codes { c[2] = nil; return c }
		}, "the code is no block of 3 rows"},
		{"one role twice", func(m *toy, _ models.Config) {
			m.encode = func(_ *toy, _ *domains.Images, c models.Codes) models.Codes { c[2].Role = models.SeparateA; return c }
		}, `two blocks of codes have the role "separate-a"`},
		{"images of another shape", func(m *toy, _ models.Config) {
			m.decode = func(_ *toy, im *domains.Images, _, _, _ *models.Block) *domains.Images {
				im.Shape.Height /= 2
				return im
			}
		}, "decoding gives 6 images of 3x8x16, want 3 of 3x16x16"},
		{"infinite images", func(m *toy, _ models.Config) {
			m.decode = func(_ *toy, im *domains.Images, _, _, _ *models.Block) *domains.Images {
				im.Data[5] = float32(math.Inf(1))
				return im
			}
		}, "want 3 of 3x16x16 and finite"},
		{"swaps the separate codes away", func(m *toy, _ models.Config) {
			m.decode = func(m *toy, im *domains.Images, common, a, _ *models.Block) *domains.Images {
				if a != nil {
					keep := m.decode
					m.decode = nil
					im, _ = m.Decode(im.Len(), models.Codes{common})
					m.decode = keep
				}
				return im
			}
		}, "the separate-b code changes no image"},
		{"decodes without the common code", func(m *toy, _ models.Config) {
			m.decode = func(m *toy, im *domains.Images, common, a, b *models.Block) *domains.Images {
				if common != nil {
					keep := m.decode
					m.decode = nil
					im, _ = m.Decode(im.Len(), models.Codes{a, b})
					m.decode = keep
				}
				return im
			}
		}, "the common code changes no image"},
		{"decodes by company", func(m *toy, _ models.Config) {
			m.decode = func(m *toy, im *domains.Images, _, _, _ *models.Block) *domains.Images { im.At(0)[3] += 1; return im }
		}, "the image of a code depends on the codes beside it"},
		{"learns while it decodes", func(m *toy, _ models.Config) {
			m.decode = func(m *toy, im *domains.Images, _, _, _ *models.Block) *domains.Images { m.w()[0] += 0.001; return im }
		}, "encoding and decoding change parameter mean"},
		{"is never the same", func(m *toy, _ models.Config) { made++; m.w()[0] = float32(made) }, "or a second time, train other bytes"},
		{"panics", func(m *toy, _ models.Config) {
			m.step = func(*toy, int, *domains.Images, *domains.Images, losses) (losses, error) { panic("no") }
		}, "learning: panics: no"},
	} {
		if err := modelstest.Method(method(tt.change), modelstest.Options{}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: the walk says %v, want %q", tt.name, err, tt.want)
		}
	}
}

func TestBrokenDescriptors(t *testing.T) {
	for want, change := range map[string]func(m *models.Method, o *modelstest.Options){
		"an incomplete descriptor":        func(m *models.Method, _ *modelstest.Options) { m.Citation = "" },
		"option rate has no doc":          func(m *models.Method, _ *modelstest.Options) { m.Options[0].Doc = "" },
		"no New":                          func(m *models.Method, _ *modelstest.Options) { m.New = nil },
		`no loss "zero", it has [square]`: func(_ *models.Method, o *modelstest.Options) { o.Loss = "zero" },
		`quiet names option "gone"`:       func(_ *models.Method, o *modelstest.Options) { o.Quiet = map[string]string{"gone": "it went"} },
		"its check refuses the settings": func(m *models.Method, _ *modelstest.Options) {
			m.Check = func(models.Config) []option.Error {
				return []option.Error{{Option: "rate", Problem: "never"}}
			}
		},
	} {
		m, o := method(nil), modelstest.Options{}
		change(&m, &o)
		if err := modelstest.Method(m, o); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("the walk says %v, want %q", err, want)
		}
	}
	// What is quiet for a reason is not asked for.
	idle := method(func(m *toy, _ models.Config) { m.rate = 0.5 })
	if err := modelstest.Method(idle, modelstest.Options{Quiet: map[string]string{"rate": "for the test"}}); err != nil {
		t.Error(err)
	}
}

// A method that asks for attributes heeds those of both domains.
func TestAttributes(t *testing.T) {
	for _, tt := range []struct {
		heeds [2]bool
		want  string
	}{
		{[2]bool{true, true}, ""},
		{[2]bool{false, true}, "other attributes of a train the same bytes"},
		{[2]bool{true, false}, "other attributes of b train the same bytes"},
	} {
		m := method(func(m *toy, _ models.Config) { m.heeds = tt.heeds })
		m.Needs.Attributes = true
		err := modelstest.Method(m, modelstest.Options{})
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("heeds %v: the walk says %v, want %q", tt.heeds, err, tt.want)
		}
	}
}
