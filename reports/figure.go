package reports

import (
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/vg"

	"github.com/venn-adapt/venn/internal/registry"
)

// A FigureInfo describes a kind of figure. Each is one file that registers itself
// in Figures.
type FigureInfo struct {
	Name  string
	Order int // place in a bundle
	// Trials says that it shows searches: it is made of every trial, others of the chosen ones.
	Trials bool
	// Build makes the figure of runs, or says in skip why it cannot.
	Build func(runs []Run) (f *Figure, skip string, err error)
}

// Figures holds every figure by name.
var Figures = registry.New[FigureInfo]("figure")

// A Figure is panels side by side with the numbers that they show.
type Figure struct {
	Name    string
	Title   string
	Caption string
	// Panels are drawn in rows of Columns; a nil panel leaves its place empty.
	Panels  []*plot.Plot
	Columns int
	Panel   [2]vg.Length // width and height of one panel
	Legend  vg.Length    // width of the last column where it holds legends alone; 0: none does
	Header  []string     // of the CSV
	Data    [][]string
}
