package didd

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models/ops"
)

// independenceOptions measure, on the batch, how the common code of images depends on their own
// separate code, by the measure hsic of the independence evaluation, each domain by itself: a loss
// that needs no other network.
//
// R. Lopez, J. Regier, M. I. Jordan, N. Yosef, Information constraints on auto-encoding variational
// Bayes, NeurIPS 2018.
var independenceOptions = later([]option.Option{
	{Name: "loss.independence", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the Hilbert-Schmidt independence criterion of common and own separate code on the batch (Lopez et al., NeurIPS 2018); 0, as the reference, leaves independence to the adversary"},
})

// checkIndependence finds a batch without pairs of images.
func checkIndependence(o option.Values) (out []option.Error) {
	if w := o.Float("loss.independence"); w > 0 && o.Int("train.batch") < 2 {
		out = append(out, option.Error{Option: "model.loss.independence", Problem: fmt.Sprintf("%v, which takes pairs of images; give model.train.batch 2 at least", w)})
	}
	return out
}

// addIndependence adds the dependence of both domains' codes.
func (m *Model) addIndependence(s *stepGraphs, g *ops.Graph, common *ops.Node, separate [2]*ops.Node) {
	w := m.options.Float("loss.independence")
	if w == 0 {
		return
	}
	for side, z := range separate {
		name := fmt.Sprint(domains.Side(side))
		s.add("independence/"+name, w, g.HSIC("loss/independence-"+name, s.rows(domains.Side(side)), s.flatten(g, common), s.flatten(g, z)))
	}
}
