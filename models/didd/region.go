package didd

import (
	"fmt"
	"math"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/ops"
)

// regionOptions are of the region of images in which the domains differ. What separate codes change tells where
// the particular is only once they hold nothing else; until then a separate code with the skin changes all of the
// face, and no loss that leaves out what it changes can object. Where the pixels of one domain's images are
// distributed as those of the other's there is nothing particular, whatever the codes say. That takes
// images that are aligned, as faces are, and sees no difference that leaves means and variances alone. Ours.
var regionOptions = later([]option.Option{
	{Name: "region.mean", Kind: option.Float, Default: 0.0, Min: 0, Max: 100, Doc: "pixels are of the region in which the domains differ where the means of their training images so far differ by more than this many standard deviations; 0, as the reference, has no region"},
	{Name: "region.variance", Kind: option.Float, Default: 0.2, Min: 0, Max: 100, Doc: "and where the logarithms of their variances differ by more than this"},
	{Name: "region.margin", Kind: option.Int, Default: 1, Min: 0, Max: 256, Doc: "and those at most this many pixels from one of them, across and down"},
	{Name: "region.hidden", Kind: option.Bool, Default: false, Doc: "hide the region from the common encoder, which sees grey there: what is particular is then in the separate codes alone, and so is what both domains have nowhere else"},
	{Name: "region.only", Kind: option.Bool, Default: false, Doc: "hide all but the region from the encoders of separate codes, which see grey elsewhere: what is nowhere else in the image they cannot say"},
	{Name: "region.weight", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e3, Doc: "weight of pixels of the region, beside 1 of all others, in reconstruction and, of what stands on them, loss.edges: what is particular is small"},
	{Name: "region.alone", Kind: option.Float, Default: 1.0, Min: 0, Max: 1, Doc: "share of loss.alone that counts in the region, where it asks the common code for what is particular as well"},
})

// Variances below that of about a step of 8 bits are as good as none.
const leastVariance = 1e-4

// checkRegion finds a region that no loss takes.
func checkRegion(o option.Values) (out []option.Error) {
	w := o.Float("region.mean")
	if w > 0 && o.Float("region.weight") == 1 && !o.Bool("region.union") && !o.Bool("region.hidden") && !o.Bool("region.only") && o.Float("swap.kept") == 0 && (o.Float("loss.alone") == 0 || o.Float("region.alone") == 1 && !o.Bool("region.bare")) {
		out = append(out, option.Error{Option: "model.region.mean", Problem: fmt.Sprintf("%v, but nothing takes the region; give model.region.hidden, model.region.only, model.region.weight, model.region.union, model.swap.kept, or model.loss.alone and model.region.bare or a model.region.alone below 1", w)})
	}
	for _, name := range []string{"region.hidden", "region.only"} {
		if w > 0 && o.Bool(name) && o.Float("label.weight") > 0 {
			out = append(out, option.Error{Option: "model." + name, Problem: "true, but the classifier of the common code learns from whole images; give model.label.weight 0"})
		}
	}
	return out
}

// hasRegion says whether there is one.
func hasRegion(o option.Values) bool { return o.Float("region.mean") > 0 }

// A region is kept by the moments of the pixels of the images that were seen in training, of either domain.
type region struct {
	shape          domains.Shape
	mean, variance float64
	margin         int
	steps          *models.Parameter // seen
	moments        [2]struct{ mean, variance *models.Parameter }
	inside         []bool // by pixel, after the last images
}

// newRegion adds the moments; nil without a region.
func newRegion(c models.Config, ps *models.Parameters) *region {
	o := c.Options
	if !hasRegion(o) {
		return nil
	}
	r := &region{shape: c.Shape, mean: o.Float("region.mean"), variance: o.Float("region.variance"), margin: o.Int("region.margin"), steps: ps.Add("region/steps", true, 1)}
	for _, side := range []domains.Side{domains.A, domains.B} {
		of := &r.moments[side]
		of.mean = ps.Add(fmt.Sprintf("region/%s/mean", side), true, c.Shape.Channels, c.Shape.Height, c.Shape.Width)
		of.variance = ps.Add(fmt.Sprintf("region/%s/variance", side), true, c.Shape.Channels, c.Shape.Height, c.Shape.Width)
	}
	r.inside = make([]bool, c.Shape.Height*c.Shape.Width)
	return r
}

// follow adds a step's images to the moments, those of A first and as many of B, and finds the region anew.
func (r *region) follow(images []float32) {
	size := r.shape.Len()
	half := len(images) / 2
	for side := range r.moments {
		of := r.moments[side]
		addMoments(of.mean.Data, of.variance.Data, images[side*half:(side+1)*half], size, float64(r.steps.Data[0]))
	}
	r.steps.Data[0]++
	r.find()
}

// addMoments adds images of a size to the mean and the variance of as many images times t.
func addMoments(mean, variance, images []float32, size int, t float64) {
	n := float64(len(images) / size)
	for i := range size {
		var sum, squares float64
		for at := i; at < len(images); at += size {
			sum += float64(images[at])
		}
		centre := sum / n
		for at := i; at < len(images); at += size {
			d := float64(images[at]) - centre
			squares += d * d
		}
		delta := centre - float64(mean[i])
		mean[i] = float32(float64(mean[i]) + delta/(t+1))
		variance[i] = float32((t*float64(variance[i]) + squares/n + delta*delta*t/(t+1)) / (t + 1))
	}
}

// find marks the pixels of the region: those that differ in any channel, and their margin.
func (r *region) find() {
	h, w := r.shape.Height, r.shape.Width
	clear(r.inside)
	for i := range r.shape.Len() {
		if !r.differs(i) {
			continue
		}
		y, x := i%(h*w)/w, i%w
		for at := max(0, y-r.margin); at <= min(h-1, y+r.margin); at++ {
			for to := max(0, x-r.margin); to <= min(w-1, x+r.margin); to++ {
				r.inside[at*w+to] = true
			}
		}
	}
}

// differs says whether a value of images is distributed in one domain otherwise than in the other.
func (r *region) differs(i int) bool {
	a, b := r.moments[domains.A], r.moments[domains.B]
	va, vb := float64(a.variance.Data[i])+leastVariance, float64(b.variance.Data[i])+leastVariance
	between := math.Abs(float64(a.mean.Data[i]) - float64(b.mean.Data[i]))
	return between > r.mean*math.Sqrt((va+vb)/2) || math.Abs(math.Log(va/vb)) > r.variance
}

// A regionInput is an input of a program by pixel: a weight inside of the region, and one outside.
type regionInput struct {
	data            []float32
	inside, outside float32
	bare            bool // images of A, the first half, count inside as far as it is B's, those of B as far as it is A's
}

// regionInputs are those of a program.
type regionInputs []regionInput

// weighted adds x, images, times such an input.
func (in *regionInputs) weighted(g *ops.Graph, name string, of regionInput, x *ops.Node) *ops.Node {
	w, data := models.Input(x.Shape()...)
	of.data = data
	*in = append(*in, of)
	return g.Product(name, g.Bind(name+"/region", w), x)
}

// compared are decoded images and originals as reconstruction compares them.
func (m *Model) compared(in *regionInputs, g *ops.Graph, made, original *ops.Node) (*ops.Node, *ops.Node) {
	w := m.options.Float("region.weight")
	if !hasRegion(m.options) || w == 1 {
		return made, original
	}
	of := regionInput{inside: float32(w), outside: 1}
	return in.weighted(g, "made-weighted", of, made), in.weighted(g, "original-weighted", of, original)
}

// seenByCommon is what the common encoder sees of images.
func (m *Model) seenByCommon(in *regionInputs, g *ops.Graph, name string, x *ops.Node) *ops.Node {
	if !hasRegion(m.options) || !m.options.Bool("region.hidden") {
		return x
	}
	return in.weighted(g, name+"/elsewhere", regionInput{outside: 1}, x)
}

// seenBySeparate is what the encoders of separate codes see of images.
func (m *Model) seenBySeparate(in *regionInputs, g *ops.Graph, name string, x *ops.Node) *ops.Node {
	if !hasRegion(m.options) || !m.options.Bool("region.only") {
		return x
	}
	return in.weighted(g, name+"/there", regionInput{inside: 1}, x)
}

// fill gives inputs their values: those of a plane, over and over.
func (in regionInputs) fill(r *region) {
	var owned []float32
	area := len(r.inside)
	plane := make([]float32, area)
	for _, of := range in {
		if of.bare && owned == nil {
			owned = r.owned()
		}
		for half := range 2 {
			for at, inside := range r.inside {
				plane[at] = of.value(inside, domains.Side(half), owned, at)
			}
			for to := of.data[half*len(of.data)/2 : (half+1)*len(of.data)/2]; len(to) > 0; to = to[area:] {
				copy(to, plane)
			}
		}
	}
}

// value is that of a pixel of images of a domain.
func (of regionInput) value(inside bool, side domains.Side, owned []float32, at int) float32 {
	switch {
	case !inside:
		return of.outside
	case !of.bare:
		return of.inside
	case side == domains.A:
		return of.inside * (1 - owned[at])
	}
	return of.inside * owned[at]
}

// followRegion is told a step's images before it runs.
func (m *Model) followRegion(s *stepGraphs) {
	if m.region == nil {
		return
	}
	m.region.follow(s.images[:2*s.batch*m.shape.Len()])
	s.regions.fill(m.region)
}
