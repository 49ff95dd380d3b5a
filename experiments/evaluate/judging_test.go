package evaluate

import (
	"math"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/judge"
	"github.com/venn-adapt/venn/reports"
)

// A painted image of 4x4 pixels says everything in plain sight: pixel 0 is bright where
// the image has what a has of its own, pixel 1 likewise for b, pixels 2 and 3 are the
// kind of what b brings, one of eight directions, pixels 8 to 15 are who is shown.
func painted(hasA, hasB bool, kind, person int) []float32 {
	px := make([]float32, 16)
	for p := range px {
		px[p] = -0.5
	}
	if hasA {
		px[0] = 0.5
	}
	if hasB {
		sin, cos := math.Sincos(2 * math.Pi * float64(kind) / 8)
		px[1], px[2], px[3] = 0.5, float32(cos), float32(sin)
	}
	px[8+person] = 0.5
	return px
}

func gathered(images ...[]float32) *domains.Images {
	im := &domains.Images{Shape: domains.Shape{Channels: 1, Height: 4, Width: 4}}
	for _, px := range images {
		im.Data = append(im.Data, px...)
	}
	return im
}

// A plainReader reads what is painted: some pixels are the attributes, others the
// embedding.
type plainReader struct{ attributes, embedding []int }

func (p plainReader) Read(images *domains.Images) (*judge.Reading, error) {
	r := &judge.Reading{Probabilities: &models.Block{N: images.Len(), D: len(p.attributes)}, Embedding: &models.Block{N: images.Len(), D: len(p.embedding), Channels: len(p.embedding)}}
	for i := range images.Len() {
		px := images.At(i)
		for _, at := range p.attributes {
			r.Probabilities.Data = append(r.Probabilities.Data, 0.5+px[at])
		}
		for _, at := range p.embedding {
			r.Embedding.Data = append(r.Embedding.Data, px[at])
		}
	}
	return r, nil
}

// paintedPanel reads attributes 10 (of a) and 20 (of b). Pixels 0 to 3 may change.
func paintedPanel() *panel {
	has := func(attribute int) domains.Condition {
		return func(has func(int) bool) bool { return has(attribute) }
	}
	p := &panel{Judging: &Judging{Is: [2]domains.Condition{has(10), has(20)}}, columns: []int{10, 20},
		attribute: plainReader{[]int{0, 1}, []int{2, 3}}, content: plainReader{[]int{8, 9, 10, 11}, []int{8, 9, 10, 11}},
		centre: []float64{-0.25, -0.25, -0.25, -0.25}, outside: make([]bool, 16)}
	p.other = p.attribute
	for i := 4; i < 16; i++ {
		p.outside[i] = true
	}
	return p
}

// paintedScene pairs eight contents of a (persons 0 and 1) with guides of b (persons 2
// and 3), each guide of a kind of its own.
func paintedScene(t *testing.T, p *panel, kind translation) *scene {
	t.Helper()
	var contents, guides [][]float32
	s := &scene{translation: kind}
	for i := range 8 {
		contents = append(contents, painted(true, false, 0, i%2))
		guides = append(guides, painted(false, true, i, 2+i%2))
		s.is, s.gs = append(s.is, i), append(s.gs, 7-i)
	}
	slices.Reverse(guides)
	s.contents, s.guides = gathered(contents...), gathered(guides...)
	slices.Reverse(guides)
	var err error
	if s.before, err = p.read(s.contents); err != nil {
		t.Fatal(err)
	}
	reading, err := p.attribute.Read(gathered(guides...))
	if err != nil {
		t.Fatal(err)
	}
	s.guide, s.others = reading.Embedding, counted(8)
	s.centre, s.scale = []float64{0, 0}, []float64{1, 1}
	return s
}

func near(t *testing.T, what string, got *reports.Estimate, want float64) {
	t.Helper()
	if got == nil || !(math.Abs(got.Value-want) <= 1e-6) || got.Interval[0] > got.Value+1e-9 || got.Interval[1] < got.Value-1e-9 {
		t.Errorf("%s: %+v, want %v", what, got, want)
	}
}

// What each score of a system must be, worked out from what is painted. A person is
// four pixels, of which two differ between any two persons: content changed is one half.
// About the mean over persons the cosine of two persons is -1/3. Outside the region twelve
// pixels count, of which two differ by 1.
func TestScoresOfPaintedFaces(t *testing.T) {
	p := paintedPanel()
	s := paintedScene(t, p, translations[0])
	ideal, removed, opposite := [][]float32{}, [][]float32{}, [][]float32{}
	for i := range 8 {
		ideal = append(ideal, painted(false, true, 7-i, i%2))
		removed = append(removed, painted(false, false, 0, i%2))
		opposite = append(opposite, painted(false, true, (7-i+4)%8, i%2))
	}
	for _, tt := range []struct {
		name                                     string
		outputs                                  *domains.Images
		target, source, wanted, content, changed float64
		outside, guide                           float64
	}{
		{"ideal", gathered(ideal...), 1, 0, 1, 1, 0, 0, 1},
		{reports.CopyContent, s.contents, 0, 1, 0, 1, 0, 0, 0.5},
		{reports.CopyGuide, s.guides, 1, 0, 1, -1.0 / 3, 0.5, 2.0 / 12, 1},
		{"removal", gathered(removed...), 0, 0, 0, 1, 0, 0, 0.5},
		{"opposite guide", gathered(opposite...), 1, 0, 1, 1, 0, 0, 0},
	} {
		row, err := p.score(s, system{tt.name, tt.outputs})
		if err != nil {
			t.Fatal(err)
		}
		near(t, tt.name+": target", row.Target, tt.target)
		near(t, tt.name+": source", row.Source, tt.source)
		near(t, tt.name+": wanted", row.Wanted, tt.wanted)
		near(t, tt.name+": agreement", row.Agreement, 1)
		near(t, tt.name+": content", row.Content, tt.content)
		near(t, tt.name+": changed", row.Preservation, tt.changed)
		near(t, tt.name+": outside", row.Outside, tt.outside)
		near(t, tt.name+": guide", row.Guide, tt.guide)
		if row.Frechet != nil || row.KID != nil || row.Contents != 8 || row.Guides != 8 || row.Images != 8 {
			t.Errorf("%s: %+v", tt.name, row)
		}
	}
}

// After removal and in a union other things are wanted; no guide takes part in removal.
func TestWantedByDirection(t *testing.T) {
	p := paintedPanel()
	removed, union := [][]float32{}, [][]float32{}
	for i := range 8 {
		removed, union = append(removed, painted(false, false, 0, i%2)), append(union, painted(true, true, 7-i, i%2))
	}
	for _, tt := range []struct {
		direction      int
		outputs        [][]float32
		target, source float64
	}{{2, removed, 0, 0}, {4, union, 1, 1}} {
		for _, of := range []struct {
			outputs *domains.Images
			wanted  float64
		}{{gathered(tt.outputs...), 1}, {paintedScene(t, p, translations[tt.direction]).contents, 0}} {
			s := paintedScene(t, p, translations[tt.direction])
			row, err := p.score(s, system{"any", of.outputs})
			if err != nil {
				t.Fatal(err)
			}
			near(t, s.name+": wanted", row.Wanted, of.wanted)
			if (row.Guide != nil) != s.Guided() {
				t.Errorf("%s: guide %+v", s.name, row.Guide)
			}
			if of.wanted == 1 {
				near(t, s.name+": target", row.Target, tt.target)
				near(t, s.name+": source", row.Source, tt.source)
			}
		}
	}
}

// Distances are given of ten outputs and ten real images of the kind, not of fewer of either.
func TestSceneOfFew(t *testing.T) {
	for _, tt := range []struct {
		pairs, guides int
		given         bool
	}{{10, 10, true}, {9, 10, false}, {10, 9, false}} {
		w, _ := bareJob()
		w.Spec.Translate.Pairs = tt.pairs
		for side, n := range []int{3, tt.guides} {
			var images [][]float32
			for i := range n {
				images = append(images, painted(side == 0, side == 1, i%8, i%4))
			}
			w.Domains[side] = &domains.Domain{Test: domains.Split{Images: gathered(images...)}}
		}
		s, err := w.scene(paintedPanel(), translations[0], nil)
		if err != nil {
			t.Fatal(err)
		}
		if (s.references != nil) != tt.given || (len(w.Results.Warnings) == 0) != tt.given || len(s.is) != tt.pairs || s.guide.N != tt.guides {
			t.Errorf("%d pairs, %d guides: references %v, warnings %q", tt.pairs, tt.guides, s.references, w.Results.Warnings)
		}
	}
}

// The judges read what the expressions of own name, of the domains' what some images have
// and some lack, and of the rest what at least a twentieth has and lacks.
func TestSplitOfAttributes(t *testing.T) {
	rows := make([][]bool, 40)
	for i := range rows {
		rows[i] = []bool{true, true, false, i == 0, i < 39, i < 2, i < 38, i == 1, i < 39}
	}
	j := &Judging{Read: []int{0}, Named: []int{0, 1, 2, 3, 4}}
	named, content := j.Split(domains.NewAttributes([]string{"read", "all", "none", "one", "most", "twentieth", "all but a twentieth", "rare", "frequent"}, rows))
	equal(t, "named", named, "[0 3 4]")
	equal(t, "content", content, "[5 6]")
}

// One guide alone is compared with nobody.
func TestGuideAlone(t *testing.T) {
	p := paintedPanel()
	s := paintedScene(t, p, translations[0])
	for n, want := range map[int]bool{0: false, 1: false, 2: true} {
		s.others = counted(n)
		s.gs = []int{7, 6, 5, 4, 3, 2, 7, 6}
		row, err := p.score(s, system{"any", s.contents})
		if err != nil || (row.Guide != nil) != want {
			t.Errorf("of %d guides: %+v, %v", n, row.Guide, err)
		}
	}
}

// Copies of the references are at distance nil of them, or below by chance; others are not.
func TestDistancesToReferences(t *testing.T) {
	p := paintedPanel()
	s := paintedScene(t, p, translations[0])
	s.references = s.guide
	copies, err := p.score(s, system{reports.CopyGuide, s.guides})
	if err != nil {
		t.Fatal(err)
	}
	other, err := p.score(s, system{reports.CopyContent, s.contents})
	if err != nil {
		t.Fatal(err)
	}
	if copies.Frechet.Value > 1e-9 || other.Frechet.Value < 0.1 || copies.KID.Value > other.KID.Value || copies.References != 8 {
		t.Errorf("frechet %v and %v, kid %v and %v", copies.Frechet, other.Frechet, copies.KID, other.KID)
	}
}

// Nearest first, of equal ones the earlier: distances by hand.
func TestNearestCodes(t *testing.T) {
	b := &models.Block{N: 5, D: 2, Channels: 2, Data: []float32{3, 4, 0, 1, 10, 0, 0, -1, 0, 0}}
	if got := nearest([]float32{0, 0}, b, 4); !slices.Equal(got, []int{4, 1, 3, 0}) {
		t.Errorf("nearest %v", got)
	}
}

// Distances in one dimension by hand: (m - n)² + (s - t)² of means and deviations, n-1 in the
// denominator, and for the kernel (1 + xy)³ the plain sums over pairs; each with an interval
// around it that is far from nil.
func TestDistancesByHand(t *testing.T) {
	x, y := models.NewBlock(models.Features, 12, 1, 1), models.NewBlock(models.Features, 14, 1, 1)
	for i := range x.Data {
		x.Data[i] = float32(i%3) / 4
	}
	for i := range y.Data {
		y.Data[i] = 2 + float32(i%2)
	}
	moments := func(b *models.Block) (mean, deviation float64) {
		for _, v := range b.Data {
			mean += float64(v) / float64(b.N)
		}
		for _, v := range b.Data {
			deviation += (float64(v) - mean) * (float64(v) - mean) / float64(b.N-1)
		}
		return mean, math.Sqrt(deviation)
	}
	pairs := func(a, b *models.Block, own bool) (mean float64) {
		n := 0.0
		for i, u := range a.Data {
			for j, v := range b.Data {
				if !own || i != j {
					mean, n = mean+math.Pow(1+float64(u)*float64(v), 3), n+1
				}
			}
		}
		return mean / n
	}
	var row reports.Face
	p := &panel{}
	if err := p.distances(&row, &scene{references: y}, &verdict{attribute: x}); err != nil {
		t.Fatal(err)
	}
	m, s := moments(x)
	n, u := moments(y)
	for name, d := range map[string]struct {
		got  *reports.Estimate
		want float64
	}{"frechet": {row.Frechet, (m-n)*(m-n) + (s-u)*(s-u)}, "kid": {row.KID, pairs(x, x, true) + pairs(y, y, true) - 2*pairs(x, y, false)}} {
		if !(math.Abs(d.got.Value-d.want) <= 1e-6*d.want) || d.got.N != 12 {
			t.Errorf("%s: %+v, want %v of 12 outputs", name, *d.got, d.want)
		}
		// The interval is of halves of both samples, which are as far apart as the whole.
		if i := d.got.Interval; !(i[0] > 0.5*d.want && i[0] < d.want && i[1] > d.want && i[1] < 1.6*d.want) {
			t.Errorf("%s: interval %v of a distance of %v", name, i, d.want)
		}
		if i := d.got.Interval; !(i[0] > d.want/4 && i[0] < d.want && i[1] > d.want && i[1] < 4*d.want) {
			t.Errorf("%s: interval %v around %v", name, i, d.want)
		}
	}
	if row.References != 14 {
		t.Errorf("%d references", row.References)
	}
	var none reports.Face
	if err := p.distances(&none, &scene{}, &verdict{attribute: x}); err != nil || none.Frechet != nil || none.References != 0 {
		t.Errorf("without references: %+v, %v", none, err)
	}
}

// An output is compared with every other guide: closer to its own than two of three, level
// with one of them.
func TestBeaten(t *testing.T) {
	s := &scene{guide: &models.Block{N: 4, D: 2, Data: []float32{1, 0, 1, 0, 0, 1, -1, 0}}, others: counted(4), centre: []float64{0, 0}, scale: []float64{1, 1}}
	for g, want := range map[int]float64{0: 2.5 / 3, 2: 1. / 3, 3: 0} {
		if got := s.beaten([]float32{2, 0}, g); !(math.Abs(got-want) <= 1e-12) {
			t.Errorf("guide %d beats %v, want %v", g, got, want)
		}
	}
}
