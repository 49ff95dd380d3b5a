package experiments

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/npy"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/reports"
)

// A dresser puts hats and scarves on blocks whose own part is there or not, and takes them off.
type dresser struct {
	mover
	any bool // takes no guide: a hat and a scarf of its own
}

func (m *dresser) Edits() []models.Edit {
	if m.any {
		return models.EditsFrom(models.Any)
	}
	return models.EditsFrom(models.OfGuide)
}

// pixels of what a domain has of its own, and those that the dresser takes of itself.
var (
	ownPixels  = [2][2]int{{2, 4}, {4, 5}}
	someOfKind = []float32{0, 0, shade(1), shade(0.5), shade(3)}
)

func (m *dresser) Translate(e models.Edit, contents, guides *domains.Images) (*domains.Images, error) {
	if e.Guided() == m.any && e.Own[1-e.Content] != models.Empty {
		return nil, fmt.Errorf("asked for %v", e)
	}
	if m.does == "copies" {
		return &domains.Images{Shape: contents.Shape, Data: slices.Clone(contents.Data)}, nil
	}
	out := &domains.Images{Shape: contents.Shape}
	for i := range contents.Len() {
		px := slices.Clone(contents.At(i))
		for side, slot := range e.Own {
			lo, hi := ownPixels[side][0], ownPixels[side][1]
			switch slot {
			case models.Empty:
				for k := lo; k < hi; k++ {
					px[k] = -1
				}
			case models.OfGuide:
				copy(px[lo:hi], guides.At(i)[lo:hi])
			case models.Any:
				copy(px[lo:hi], someOfKind[lo:hi])
			}
		}
		out.Data = append(out.Data, px...)
	}
	return out, nil
}

// A slider goes straight from a content to what is made of it; a stuck one is there at any strength.
type slider struct{ dresser }

func (m *slider) TranslateAt(e models.Edit, strength float64, contents *domains.Images) (*domains.Images, error) {
	out, err := m.Translate(e, contents, nil)
	if err == nil && m.does != "stuck" {
		for k, v := range contents.Data {
			out.Data[k] = v + float32(strength)*(out.Data[k]-v)
		}
	}
	return out, err
}

// A masker marks what its translations change, or everything.
type masker struct{ dresser }

func (m *masker) Mask(_ models.Edit, contents, _ *domains.Images) (*models.Block, error) {
	out := models.NewBlock("", contents.Len(), 1, 64)
	for i := range out.Data {
		switch k := i % 64; {
		case m.does == "everywhere":
			out.Data[i] = 1
		case k >= 2 && k < 5:
			out.Data[i] = 0.33
		default:
			out.Data[i] = 0.27
		}
	}
	return out, nil
}

// A proud one has codes that decode to nothing, and edits of its own.
type proud struct{ dresser }

func (m *proud) Encode(x *domains.Images) (models.Codes, error) {
	var c models.Codes
	for k, role := range []models.Role{models.Common, models.SeparateA, models.SeparateB} {
		b := models.NewBlock(role, x.Len(), 2, 1)
		for i := range x.Len() {
			copy(b.Row(i), x.At(i)[2*k:2*k+2])
		}
		c = append(c, b)
	}
	return c, nil
}

func (m *proud) Decode(n int, _ models.Codes) (*domains.Images, error) {
	return &domains.Images{Shape: domains.Shape{Channels: 1, Height: 8, Width: 8}, Data: make([]float32, n*64)}, nil
}

func init() {
	models.Methods.Add("known-dresser", models.Method{Name: "known-dresser", Version: 1, Loop: models.Loop{Iterations: 1, Batch: 4, LogEvery: 1},
		Options: []option.Option{{Name: "does", Kind: option.Choice, Default: "dresses", Choices: []string{"dresses", "copies", "any", "slides", "stuck", "marks", "everywhere", "decodes"}}},
		New: func(c models.Config) (models.Model, error) {
			d := dresser{mover: mover{c.Options.String("does"), weightOfOne()}}
			switch d.does {
			case "any":
				d.any = true
			case "slides", "stuck":
				d.any = true
				return &slider{d}, nil
			case "marks", "everywhere":
				return &masker{d}, nil
			case "decodes":
				return &proud{d}, nil
			}
			return &d, nil
		}})
}

// dressed runs a dresser.
func dressed(t *testing.T, does string) knownRun {
	t.Helper()
	return moved(t, "known-blocks", "exact", "model.method=known-dresser", "model.does="+does, "domains.a.always=false", "domains.b.always=false", "translate.grid=4")
}

// capable is what a run says of capabilities: a value and whether it counts, "can" without one, the
// reason where there is none.
func capable(t *testing.T, run knownRun, names ...string) string {
	t.Helper()
	var out []string
	for _, name := range names {
		c := run.System.Capability(name)
		switch {
		case c == nil:
			t.Fatalf("nothing said of %q", name)
		case !c.Can:
			out = append(out, c.Reason)
		case c.Value == nil:
			out = append(out, "can")
		default:
			out = append(out, fmt.Sprintf("%.3g %v", *c.Value, c.Does))
		}
	}
	return strings.Join(out, ", ")
}

// What systems of known behaviour do is measured as what it is.
func TestKnownSystems(t *testing.T) {
	edits := []string{"a->b", "b->a", "removal-a", "removal-b", "union", "reconstruction"}
	run := dressed(t, "dresses")
	equal(t, "a system that does all", capable(t, run, edits...), "1 true, 1 true, 1 true, 1 true, 1 true, 0 true")
	equal(t, "its guides", capable(t, run, "guided a->b", "guided b->a", "slider", "mask"), "1 true, 1 true, it has no strength, it has no mask")
	equal(t, "names", len(run.System.Capabilities), len(reports.CapabilityNames))
	equal(t, "images of one step of four and four", run.System.Images, 8)
	equal(t, "interval of 60 of 60", fmt.Sprintf("%.4f", *run.System.Capability("union").Interval), "[0.9398 1.0000]")

	run = dressed(t, "copies")
	equal(t, "a copy", capable(t, run, edits...), "0 false, 0 false, 0 false, 0 false, 0 false, 0 true")
	for i, name := range []string{"guided a->b", "guided b->a"} { // a copy is nearer to the guide with less on
		c := run.System.Capability(name)
		closeTo(t, name, *c.Value, *run.Translation[i].Guide, 0.5/60)
		equal(t, name+" of a copy", c.Does, c.Interval[0] > 0.5)
	}

	run = dressed(t, "any")
	equal(t, "without guides", capable(t, run, edits...), "1 true, 1 true, 1 true, 1 true, 1 true, 0 true")
	equal(t, "guides that it does not take", capable(t, run, "guided a->b", "guided b->a"), "it takes no guide, it takes no guide")
	for _, s := range run.Translation {
		equal(t, s.Direction+" without a guide", s.Unguided, !strings.HasPrefix(s.Direction, "removal"))
	}
	// A hat of 1 and 0.5 and a scarf of 3, whatever the guide's: manipulation is how often that is right.
	equal(t, "the content's own goes, and stays as it is", correctnessOf(run, "content", "translation"), "1 1")

	// Edits of its own come before what codes would decode to.
	equal(t, "codes and edits", capable(t, dressed(t, "decodes"), edits...), "1 true, 1 true, 1 true, 1 true, 1 true, 0 true")

	r := runKnown(t)
	c := r.System.Capability("reconstruction")
	closeTo(t, "a decoder's reconstruction", *c.Value, (r.Reconstruction[0].L1.Value+r.Reconstruction[1].L1.Value)/2, 1e-12)
	equal(t, "edits of a decoder", capable(t, r, edits[:5]...), "1 true, 1 true, 1 true, 1 true, 1 true")
	equal(t, "a mover that knows two edits", capable(t, moved(t, "known-blocks", "exact"), edits...), "1 true, 1 true, it has no such edit, it has no such edit, it has no such edit, the model does not make an image again")
}

func correctnessOf(run knownRun, names ...string) string {
	var out []string
	for _, name := range names {
		for _, s := range run.Correctness {
			if s.Name == name && s.Factor == "" && s.Direction == "" {
				out = append(out, fmt.Sprintf("%.4g", *s.Value))
			}
		}
	}
	return strings.Join(out, " ")
}

// Strengths that lead there have a rank correlation of 0.949 at least: five strengths of which the
// first two are equally near, and at most the last two. A slider that is stuck has none.
func TestKnownSlider(t *testing.T) {
	c := dressed(t, "slides").System.Capability("slider")
	if c.Value == nil || !(*c.Value >= 0.948) || !(*c.Value <= 0.975) || !c.Does {
		t.Errorf("a straight slider: %+v", c)
	}
	equal(t, "stuck", capable(t, dressed(t, "stuck"), "slider"), "0 false")
	// Its picture: contents, then what they are at each strength.
	run := dressed(t, "slides")
	for side, name := range []string{"slider-a-b", "slider-b-a"} {
		i := slices.IndexFunc(run.Grids, func(g reports.Grid) bool { return g.Name == name })
		if i < 0 {
			t.Fatalf("no %s in %v", name, run.Grids)
		}
		g := run.Grids[i]
		equal(t, name, fmt.Sprint(g.Rows, g.Columns, g.ColumnLabels), "4 6 [content -0.5 0.0 0.5 1.0 1.5]")
		_, data, err := npy.Read(run.dir + "/" + g.File)
		if err != nil {
			t.Fatal(err)
		}
		for row := range 4 {
			tile := func(k int) []float32 { return data[(row*6+k)*64 : (row*6+k)*64+64] }
			content := tile(0)
			switched := slices.Clone(content)
			for k := 2; k < 5; k++ {
				switched[k] = -1
				if own := (k < 4) == (side == 0); !own {
					switched[k] = someOfKind[k]
				}
			}
			for k, strength := range []float32{-0.5, 0, 0.5, 1, 1.5} {
				for p, v := range tile(1 + k) {
					if want := content[p] + strength*(switched[p]-content[p]); !(max(v-want, want-v) <= 1e-6) {
						t.Fatalf("%s: row %d at %v: pixel %d is %v, want %v", name, row, strength, p, v, want)
					}
				}
			}
		}
	}
}

// A mask that is a little higher where a translation changes something is found by its threshold; of
// one that is everywhere three of 64 places are right.
func TestKnownMask(t *testing.T) {
	equal(t, "marks", capable(t, dressed(t, "marks"), "mask"), "1 true")
	equal(t, "everywhere", capable(t, dressed(t, "everywhere"), "mask"), "0.0469 false")
}

// A strip holds contents, guides and translations, column by column the same pair.
func TestKnownStrip(t *testing.T) {
	run := dressed(t, "dresses")
	for side, name := range []string{"strip-a-b", "strip-b-a"} {
		i := slices.IndexFunc(run.Grids, func(g reports.Grid) bool { return g.Name == name })
		if i < 0 {
			t.Fatalf("no %s in %v", name, run.Grids)
		}
		shape, data, err := npy.Read(run.dir + "/" + run.Grids[i].File)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, name, fmt.Sprint(shape, run.Grids[i].Rows, run.Grids[i].Columns), "[3 4 1 8 8] 3 4")
		split := blockSplit(side, 50, blockRenderer{false})
		for k := range 4 {
			at := func(row int) []float32 { return data[(row*4+k)*64 : (row*4+k)*64+64] }
			want := slices.Clone(at(0))
			copy(want[2:5], at(1)[2:5])
			if !slices.Equal(at(2), want) {
				t.Errorf("%s, column %d: %v of %v and %v", name, k, at(2)[:5], at(0)[:5], at(1)[:5])
			}
			if known := slices.ContainsFunc(make([]int, 1), func(int) bool {
				for j := range 50 {
					if slices.Equal(split.Images.At(j), at(0)) {
						return true
					}
				}
				return false
			}); !known {
				t.Errorf("%s, column %d: the content is no image of its domain", name, k)
			}
		}
	}
}
