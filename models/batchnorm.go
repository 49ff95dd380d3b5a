package models

import (
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/models/ops"
)

// BatchStatistics are the moments by which a program normalises its batch, and the running
// ones, state among the parameters, that follow them.
type BatchStatistics struct {
	// Split rows, the first, are normalised by moments of their own, the rest by theirs; 0:
	// all rows together.
	Split int
	// First is the place of the first layer's moments among the outputs of the program: several
	// of these may share one.
	First  int
	layers []normalised
}

// normalised is one layer: its running moments, the node of those of the batch, and how many
// values of a channel each group of rows has.
type normalised struct {
	share          float64
	mean, variance *Parameter
	moments        *ops.Node
	counts         []int
}

// Normalise adds batch normalisation of x (N x C, or N x C x H x W) with the parameters
// below the name: scale and shift, and the running mean and variance. It goes by the moments
// of the batch where the binding has BatchStatistics, which then know the layer, and by the
// running ones elsewhere.
func (b *Binding) Normalise(name string, x *ops.Node) *ops.Node {
	return b.NormaliseBy(name, kernels.NormEpsilon, RunningShare, x)
}

// NormaliseBy is Normalise with an epsilon beside the variances and a share of a batch in the
// running moments, which Normalise has as PyTorch does.
func (b *Binding) NormaliseBy(name string, epsilon, share float64, x *ops.Node) *ops.Node {
	scale, shift := b.Node(name+"/scale"), b.Node(name+"/shift")
	if b.Batch == nil {
		return b.Graph.FixedNorm(name, epsilon, x, b.Node(name+"/mean"), b.Node(name+"/variance"), scale, shift)
	}
	split := b.Batch.Split
	l := normalised{share, b.ps.Get(name + "/mean"), b.ps.Get(name + "/variance"), b.Graph.BatchMoments(name+"/moments", split, x), nil}
	if l.moments == nil { // the graph has said why
		return nil
	}
	area := x.Shape()[2:].TotalSize()
	l.counts = []int{(x.Shape()[0] - split) * area}
	if split > 0 {
		l.counts = []int{split * area, l.counts[0]}
	}
	b.Batch.layers = append(b.Batch.layers, l)
	return b.Graph.BatchNorm(name, split, epsilon, x, l.moments, scale, shift)
}

// Nodes are the moments of all layers: what a program has to keep, as its outputs from First
// on, for the methods below.
func (s *BatchStatistics) Nodes() []*ops.Node {
	out := make([]*ops.Node, len(s.layers))
	for i, l := range s.layers {
		out[i] = l.moments
	}
	return out
}

// RunningShare is the share of a batch in the running moments, PyTorch's default.
const RunningShare = 0.1

// Follow moves the running moments of all layers their share of the way to those of a group of
// rows in the program's last run, the variance by the number of values less one.
func (s *BatchStatistics) Follow(p *ops.Program, group int) {
	s.each(p, group, func(l normalised, c int, mean, variance float64) {
		n := float64(l.counts[group])
		if n > 1 {
			variance *= n / (n - 1)
		}
		l.mean.Data[c] += float32(l.share * (mean - float64(l.mean.Data[c])))
		l.variance.Data[c] += float32(l.share * (variance - float64(l.variance.Data[c])))
	})
}

// Pool makes the running moments those of all rows of the program's runs since the first,
// which has run 0 and forgets what was there; all runs have as many rows.
func (s *BatchStatistics) Pool(p *ops.Program, run int) {
	s.each(p, 0, func(l normalised, c int, mean, variance float64) {
		before := float64(l.mean.Data[c])
		square := float64(l.variance.Data[c]) + before*before
		share := 1 / float64(run+1)
		after := before + share*(mean-before)
		square += share * (variance + mean*mean - square)
		l.mean.Data[c], l.variance.Data[c] = float32(after), float32(max(0, square-after*after))
	})
}

func (s *BatchStatistics) each(p *ops.Program, group int, do func(l normalised, channel int, mean, variance float64)) {
	for i, l := range s.layers {
		moments := p.Output(s.First + i).Data().([]float32)
		channels := len(l.mean.Data)
		for c := range channels {
			do(l, c, float64(moments[2*group*channels+c]), float64(moments[(2*group+1)*channels+c]))
		}
	}
}
