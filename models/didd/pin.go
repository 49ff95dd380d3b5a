package didd

import (
	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models/ops"
)

// pinOptions bring the separate code of the other domain to zero by its square, beside the zero
// loss or, with loss.zero 0, in its place, and keep that of the own domain from it. ‖z‖² is the sum
// over all values of a code.
//
// Diff-CA: separating common and salient factors with diffusion models, 2026, arXiv 2606.06120,
// which has weights of 1 and 0.1.
var pinOptions = later([]option.Option{
	{Name: "loss.pin", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of the squared norm of the separate code of the other domain (Diff-CA, arXiv 2606.06120, which has 1); 0, as the reference, has the mean absolute value of loss.zero alone"},
	{Name: "loss.collapse", Kind: option.Float, Default: 0.0, Min: 0, Max: 1e3, Doc: "weight of exp(-|z|^2) of the separate code of the own domain, which keeps it from going to zero as well (Diff-CA, which has 0.1)"},
})

// addPins adds the losses of separate codes.
func (m *Model) addPins(s *stepGraphs, g *ops.Graph, separate [2]*ops.Node) {
	pin, collapse := m.options.Float("loss.pin"), m.options.Float("loss.collapse")
	if pin == 0 && collapse == 0 {
		return
	}
	inA, inB := s.rows(domains.A), s.rows(domains.B)
	flatA, flatB := s.flatten(g, separate[domains.A]), s.flatten(g, separate[domains.B])
	if pin > 0 {
		s.add("pin/a", pin, g.Pin("loss/pin-a", inA, flatB))
		s.add("pin/b", pin, g.Pin("loss/pin-b", inB, flatA))
	}
	if collapse > 0 {
		s.add("collapse/a", collapse, g.Collapse("loss/collapse-a", inA, flatA))
		s.add("collapse/b", collapse, g.Collapse("loss/collapse-b", inB, flatB))
	}
}
