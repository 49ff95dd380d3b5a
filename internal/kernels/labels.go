package kernels

import "github.com/venn-adapt/venn/internal/parallel"

const (
	labelledRows  = 64 // of a block that one call of the kernel sums
	labelledLanes = 8  // its columns
	groupRows     = 4  // rows whose subsets are tabulated together
	groups        = labelledRows / groupRows
)

// Labels are 0/1 labels of n rows under many labellings, laid out for sums of matrices over the
// rows labelled 1. Memory n/4 + n/8 bytes a labelling.
type Labels struct {
	rows, count int
	// codes holds, by panels of 64 rows, for each labelling a byte for each group of four rows:
	// 8 times the bits of its labels, so that the kernel scales it to an offset by itself.
	codes []uint8
	masks []uint8 // by eight rows, for each labelling the bits of their labels
}

// NewLabels lays out labellings of n rows, each given by the rows labelled 1, in any order.
func NewLabels(n int, ones [][]int) *Labels {
	l := &Labels{rows: n, count: len(ones)}
	panels := blocks(n, labelledRows)
	l.codes = make([]uint8, panels*l.count*groups)
	l.masks = make([]uint8, panels*l.count*labelledRows/labelledLanes)
	parallel.For(l.count, func(b int) {
		labels := make([]uint64, panels) // a bit a row
		for _, i := range ones[b] {
			labels[i/labelledRows] |= 1 << (i % labelledRows)
		}
		for panel, bits := range labels {
			for g := range groups {
				l.codes[l.at(panel, b)+g] = uint8(bits>>(groupRows*g)%(1<<groupRows)) * labelledLanes
			}
		}
	})
	const apart = labelledLanes / groupRows // groups of the rows of a mask
	parallel.For(panels*labelledRows/labelledLanes, func(eight int) {
		panel, g := eight*apart/groups, eight*apart%groups
		for b := range l.count {
			code := l.codes[l.at(panel, b)+g:]
			l.masks[eight*l.count+b] = code[0]/labelledLanes | code[1]/labelledLanes<<groupRows
		}
	})
	return l
}

// at is where the codes of a labelling in a panel start.
func (l *Labels) at(panel, b int) int { return (panel*l.count + b) * groups }

// QuadraticForms sets sums[b] to z'kz of each labelling b: the sum of a block k of a matrix, rows
// i0..i1 and columns j0..j1, over the rows and columns that are labelled 1. i0 is a multiple of
// 64 and j0 of 8. Sums run over groups of four rows, of which all subsets are tabulated: about one
// addition for four rows and each column and labelling, none of them a product. They have one
// order, the same bits on every path.
func (l *Labels) QuadraticForms(sums, k []float64, i0, i1, j0, j1 int) {
	cols := j1 - j0
	check("block", len(k), (i1-i0)*cols)
	check("sums of labellings", len(sums), l.count)
	if i0%labelledRows != 0 || j0%labelledLanes != 0 {
		panic("kernels: labels: a block starts inside a group")
	}
	if l.count == 0 {
		return
	}
	lanes, giveLanes := borrow[float64](l.count * labelledLanes)
	defer giveLanes()
	table, giveTable := borrow[float64](groups << groupRows * labelledLanes)
	defer giveTable()
	edge, giveEdge := borrow[float64](labelledRows * labelledLanes) // a block of zeros around one that sticks out
	defer giveEdge()
	clear(lanes)
	for i := i0; i < i1; i += labelledRows {
		codes := l.codes[l.at(i/labelledRows, 0):]
		for j := j0; j < j1; j += labelledLanes {
			from, stride := k[(i-i0)*cols+j-j0:], cols
			if i1-i < labelledRows || j1-j < labelledLanes {
				clear(edge)
				for r := range min(labelledRows, i1-i) {
					copy(edge[r*labelledLanes:(r+1)*labelledLanes], from[r*cols:r*cols+min(labelledLanes, j1-j)])
				}
				from, stride = edge, labelledLanes
			}
			engineDoubles.labelled(l.count, from, stride, table, codes, l.masks[j/labelledLanes*l.count:], lanes)
		}
	}
	for b := range sums {
		sums[b] = sumGo(lanes[b*labelledLanes : (b+1)*labelledLanes])
	}
}

// LinearForms sets sums[b] to z'v of each labelling b: the sum of the values (one a row) of the
// rows labelled 1, in groups of four rows.
func (l *Labels) LinearForms(sums, values []float64) {
	check("values of rows", len(values), l.rows)
	check("sums of labellings", len(sums), l.count)
	clear(sums)
	var table [1 << groupRows]float64
	for i := 0; i < l.rows; i += groupRows {
		for bit, v := range values[i:min(l.rows, i+groupRows)] {
			for c := range 1 << bit {
				table[1<<bit+c] = table[c] + v
			}
		}
		at := l.at(i/labelledRows, 0) + i%labelledRows/groupRows
		for b := range sums {
			sums[b] += table[l.codes[at+b*groups]/labelledLanes]
		}
	}
}

// labelledGo is the kernel in Go: the same operations in the same order.
func labelledGo(n int, k []float64, stride int, table []float64, codes, masks []uint8, sums []float64) {
	row := func(g, c int) []float64 { return table[(g<<groupRows+c)*labelledLanes:][:labelledLanes] }
	for g := range groups {
		clear(row(g, 0))
		for bit := range groupRows {
			add := k[(g*groupRows+bit)*stride:][:labelledLanes]
			copy(row(g, 1<<bit), add)
			for c := 1; c < 1<<bit; c++ {
				to, from := row(g, 1<<bit+c), row(g, c)
				for x := range to {
					to[x] = add[x] + from[x]
				}
			}
		}
	}
	for b := range n {
		var even, odd [labelledLanes]float64
		for g := 0; g < groups; g += 2 {
			first, second := row(g, int(codes[b*groups+g]/labelledLanes)), row(g+1, int(codes[b*groups+g+1]/labelledLanes))
			for x := range even {
				even[x] += first[x]
				odd[x] += second[x]
			}
		}
		to := sums[b*labelledLanes:][:labelledLanes]
		for x := range to {
			if masks[b]>>x&1 == 1 {
				to[x] += even[x] + odd[x]
			}
		}
	}
}
