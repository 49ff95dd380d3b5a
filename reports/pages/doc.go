// Package pages ties every table, figure and image grid of a set of runs together: as a
// bundle of files with the page that shows them, and for a terminal.
package pages

import (
	_ "github.com/venn-adapt/venn/reports/figures" // the figures of a bundle
	_ "github.com/venn-adapt/venn/reports/tables"  // and its tables
)
