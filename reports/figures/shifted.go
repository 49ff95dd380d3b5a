package figures

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// shifted draws error bars beside their place, as a bar chart's offset moves its
// bars.
type shifted struct {
	*plotter.YErrorBars
	by vg.Length
}

// Plot draws on a canvas moved sideways.
func (s shifted) Plot(c draw.Canvas, p *plot.Plot) {
	c.Min.X += s.by
	c.Max.X += s.by
	s.YErrorBars.Plot(c, p)
}
