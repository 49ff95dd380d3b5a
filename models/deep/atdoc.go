package deep

import (
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/models"
	"github.com/venn-adapt/venn/models/recipe"
)

func init() {
	r := recipe.Recipe{Target: true, Backbone: "l20-50-bn", Statistics: "separate", Smoothing: func(o option.Values) float64 { return o.Float("smoothing") }}
	recipe.Add(models.Method{
		Name:     "atdoc",
		Doc:      "labels of the target's images by what the network said of their nearest neighbours",
		Citation: "J. Liang, D. Hu, J. Feng, Domain adaptation with auxiliary target domain-oriented classifier, CVPR 2021, arXiv 2007.04171 (neighbourhood aggregation)",
		Version:  1,
		Options: []option.Option{
			{Name: "weight", Kind: option.Float, Default: 1.0, Min: 0, Max: 1e3, Doc: "of the cross-entropy against the neighbours' labels, at the end; after the warm-up it is the share of the training that is done"},
			{Name: "warmup", Kind: option.Float, Default: 0.1, Min: 0, Max: 1, Doc: "share of the iterations, at the start, that train on the source alone"},
			{Name: "neighbours", Kind: option.Int, Default: 5, Min: 1, Max: 1000, Doc: "whose mean prediction labels an image"},
			{Name: "memory", Kind: option.Int, Default: 10000, Min: 2, Max: 1e7, Doc: "images of the target that can be neighbours: all, or so many drawn at random"},
			{Name: "smoothing", Kind: option.Float, Default: 0.1, Min: 0, Max: 0.999, Doc: "share of each label of the source that is spread evenly over the classes"},
		},
		Phases: func(c models.Config) []models.Phase {
			return []models.Phase{{Name: "train", Steps: c.Options.Int("train.iterations"), Shows: [2]bool{true, true}, RefreshEvery: 1}}
		},
		New: func(c models.Config) (models.Model, error) { return newATDOC(r, c) },
	}, r)
}

// An atdoc is a model with a memory of features, of unit length, and of predictions, sharpened
// and balanced over the classes, of the target's training images.
type atdoc struct {
	*recipe.Model
	features, predictions *models.Parameter
	places                []int     // in the memory, of the training images; −1: not there
	labels                []float32 // of the target by its neighbours, below rows for the source
}

var (
	_ models.Classifier = (*atdoc)(nil)
	_ models.Refresher  = (*atdoc)(nil)
	_ models.Costed     = (*atdoc)(nil)
)

func newATDOC(r recipe.Recipe, c models.Config) (*atdoc, error) {
	n, err := recipe.NewNetwork(c)
	if err != nil {
		return nil, err
	}
	m := &atdoc{}
	r.Terms = func(s *recipe.Scene) []recipe.Term {
		x, labels := models.Input(s.Target.Hi, c.Classes)
		m.labels = labels
		return []recipe.Term{{Name: "neighbours", Weight: c.Options.Float("weight"), Over: m.rise, Node: s.Graph.Soft("loss/neighbours", s.Target, s.Logits, s.Graph.Bind("neighbours", x))}}
	}
	m.Model = recipe.ModelOf("atdoc", r, n)
	m.features, m.predictions = n.Parameters().AddRows("memory/features", n.Encoder.Out()[0]), n.Parameters().AddRows("memory/predictions", c.Classes)
	return m, nil
}

// rise is the weight's factor.
func (m *atdoc) rise(progress float64) float64 {
	if progress < m.Options.Float("warmup") {
		return 0
	}
	return progress
}

// warm is the step at which the neighbours begin to count.
func (m *atdoc) warm() int {
	return int(math.Ceil(m.Options.Float("warmup") * float64(m.Options.Int("train.iterations"))))
}

// MACs adds two readings of the target and the search in a full memory.
func (m *atdoc) MACs() int {
	encoder, _ := m.Encoder.MACs()
	head, _ := m.Head.MACs()
	return m.Model.MACs() + 2*(encoder+head) + m.Options.Int("memory")*m.Encoder.Out()[0]
}

// Refresh fills the memory when the warm-up is over.
func (m *atdoc) Refresh(_ context.Context, step int, d *models.Data) error {
	x := d.Images[1-m.Source]
	if m.places == nil {
		m.places = remembered(x.Len(), m.Options.Int("memory"), m.Seed)
	}
	if step != m.warm() {
		return nil
	}
	count := min(x.Len(), m.Options.Int("memory"))
	m.features.Resize(count)
	m.predictions.Resize(count)
	var all []*models.Block
	for lo := 0; lo < x.Len(); lo += models.AtOnce {
		f, z, err := m.Read(x.Range(lo, min(x.Len(), lo+models.AtOnce)))
		if err != nil {
			return err
		}
		all = append(all, z)
		for i := range f.N {
			m.rememberFeatures(m.places[lo+i], f.Row(i))
		}
	}
	logits := models.NewBlock("", 0, m.Classes, 1)
	for _, z := range all {
		logits.N, logits.Data = logits.N+z.N, append(logits.Data, z.Data...)
	}
	// As large as those of a batch, whose shares of each class sum to one.
	m.rememberPredictions(m.places, logits, float64(x.Len())/float64(m.Options.Int("train.batch")))
	return nil
}

// remembered are the places in a memory of at most so many of n images, in their order.
func remembered(n, most int, seed uint64) []int {
	places := make([]int, n)
	if n > most {
		for i := range places {
			places[i] = -1
		}
		chosen := stream.New(seed, "memory").Perm(n)[:most]
		slices.Sort(chosen)
		for k, i := range chosen {
			places[i] = k
		}
		return places
	}
	for i := range places {
		places[i] = i
	}
	return places
}

// rememberFeatures puts a row of features, brought to unit length, into a place; −1: nowhere.
func (m *atdoc) rememberFeatures(place int, row []float32) {
	if place < 0 {
		return
	}
	square := 0.0
	for _, v := range row {
		square += float64(v) * float64(v)
	}
	length := max(math.Sqrt(square), 1e-12)
	for j, v := range row {
		m.features.Data[place*len(row)+j] = float32(float64(v) / length)
	}
}

// rememberPredictions puts the squared probabilities of images, over their sum by class times
// a scale, into places.
func (m *atdoc) rememberPredictions(places []int, logits *models.Block, scale float64) {
	k := logits.D
	p, sums := make([]float64, len(logits.Data)), make([]float64, k)
	for i := range logits.N {
		row := p[i*k : (i+1)*k]
		models.Softmax(row, logits.Row(i))
		for c, v := range row {
			row[c] = v * v
			sums[c] += v * v
		}
	}
	for i, place := range places {
		if place >= 0 {
			for c := range k {
				m.predictions.Data[place*k+c] = float32(scale * p[i*k+c] / max(sums[c], 1e-30))
			}
		}
	}
}

// Step labels the target's images by their neighbours, trains, and remembers what the network
// says of them then.
func (m *atdoc) Step(at int, b *models.Batch) ([]models.Loss, error) {
	x, rows := b.Images[1-b.Source], b.Rows[1-b.Source]
	if at < m.warm() {
		return m.Model.Step(at, b)
	}
	if x == nil || len(rows) != x.Len() || slices.Max(rows) >= len(m.places) || m.features.Shape[0] == 0 {
		return nil, fmt.Errorf("models: %s: rows %v of the target, of which %d are remembered", m.Name, rows, m.features.Shape[0])
	}
	if err := m.Prepare(x.Len()); err != nil {
		return nil, err
	}
	f, _, err := m.Read(x)
	if err != nil {
		return nil, err
	}
	m.ask(f, rows)
	losses, err := m.Model.Step(at, b)
	if err != nil {
		return nil, err
	}
	return losses, m.remember(x, rows)
}

// remember makes the memory of images what the network now says of them.
func (m *atdoc) remember(x *domains.Images, rows []int) error {
	f, z, err := m.Read(x)
	if err != nil {
		return err
	}
	places := make([]int, len(rows))
	for i, r := range rows {
		places[i] = m.places[r]
		m.rememberFeatures(places[i], f.Row(i))
	}
	m.rememberPredictions(places, z, 1)
	return nil
}

// ask writes the labels of images by the mean prediction of the nearest others in the memory:
// the largest class, with its size over the batch's mean as weight. O(n·N·d) of n images and N
// remembered.
func (m *atdoc) ask(f *models.Block, rows []int) {
	count, k := m.features.Shape[0], m.Classes
	cosines := make([]float32, f.N*count) // times the length of the image's features
	kernels.Gemm(kernels.Dense(f.N, count, cosines), kernels.Dense(f.N, f.D, f.Data), kernels.Dense(count, f.D, m.features.Data).T(), false)
	clear(m.labels)
	labels := m.labels[len(m.labels)-f.N*k:]
	total := 0.0
	for i, r := range rows {
		mean := make([]float64, k)
		for _, near := range nearestOf(cosines[i*count:(i+1)*count], m.places[r], m.Options.Int("neighbours")) {
			for c := range k {
				mean[c] += float64(m.predictions.Data[near*k+c])
			}
		}
		best := 0
		for c, v := range mean {
			if v > mean[best] {
				best = c
			}
		}
		labels[i*k+best] = float32(mean[best])
		total += mean[best]
	}
	for i := range labels {
		labels[i] *= float32(float64(f.N) / max(total, 1e-30))
	}
}

// nearestOf are the places of the largest cosines but one's own, at most so many, largest
// first; of equal ones the first.
func nearestOf(cosines []float32, own, most int) []int {
	var out []int
	for i, v := range cosines {
		if i == own || len(out) == most && v <= cosines[out[most-1]] {
			continue
		}
		at, _ := slices.BinarySearchFunc(out, v, func(j int, v float32) int {
			if cosines[j] >= v {
				return -1
			}
			return 1
		})
		if len(out) == most {
			out = out[:most-1]
		}
		out = slices.Insert(out, at, i)
	}
	return out
}
