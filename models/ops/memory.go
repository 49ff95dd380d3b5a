package ops

import (
	"cmp"
	"slices"

	"github.com/venn-adapt/venn/internal/kernels"
)

// A Memory is shared by programs that run one after the other: each overwrites what
// the others left. The zero value is empty and ready. It grows to what the largest
// program needs, so that one should be compiled first.
type Memory struct {
	f32 []float32
	f64 []float64
}

// arenaOf returns the first n values of the memory.
func arenaOf[F kernels.Float](m *Memory, n int) []F {
	arena, ok := any(&m.f32).(*[]F)
	if !ok {
		arena = any(&m.f64).(*[]F)
	}
	if len(*arena) < n {
		*arena = make([]F, n)
	}
	return (*arena)[:n:n]
}

// A layout gives each value its place in one arena.
type layout struct {
	at   map[*Node]int
	size int // values
}

// A span is a run of memory that is in use from one step to another.
type span struct {
	size        int
	first, last int
	at          int
	nodes       []*Node
}

// layOut finds places such that no two values in use at one step overlap: largest
// first, each at the lowest place that is free for as long as it is needed. Kept
// values are in use to the end. An operation that may work in place shares the
// memory of the operand it is the last to read. Time O(n²).
func layOut(order []place, kept []*Node) layout {
	spans := lifetimes(order, kept)
	bySize := slices.Clone(spans)
	slices.SortStableFunc(bySize, func(a, b *span) int { return cmp.Compare(b.size, a.size) })
	l := layout{at: map[*Node]int{}}
	var placed []*span // by place
	for _, s := range bySize {
		at := 0
		for _, p := range placed {
			if p.first <= s.last && s.first <= p.last && at < p.at+p.size {
				if at+s.size <= p.at {
					break
				}
				at = p.at + p.size
			}
		}
		s.at = at
		i, _ := slices.BinarySearchFunc(placed, s, func(a, b *span) int { return cmp.Compare(a.at, b.at) })
		placed = slices.Insert(placed, i, s)
		l.size = max(l.size, at+s.size)
		for _, n := range s.nodes {
			l.at[n] = at
		}
	}
	return l
}

// lifetimes are the spans of all values, values that work in place joined.
func lifetimes(order []place, kept []*Node) []*span {
	lastRead := map[*Node]int{}
	for i, p := range order {
		for _, c := range p.operands {
			lastRead[c] = i
		}
	}
	for _, n := range kept {
		lastRead[n] = len(order)
	}
	of := map[*Node]*span{}
	var spans []*span
	for i, p := range order {
		if p.size == 0 {
			continue
		}
		last := max(i, lastRead[p.node])
		if p.op.inPlace {
			over := p.operands[len(p.operands)-1]
			if s := of[over]; s != nil && s.last == i && s.size == aligned(p.size) {
				s.last, s.nodes = last, append(s.nodes, p.node)
				of[p.node] = s
				continue
			}
		}
		s := &span{size: aligned(p.size), first: i, last: last, nodes: []*Node{p.node}}
		of[p.node], spans = s, append(spans, s)
	}
	return spans
}

// aligned rounds up to a cache line of float32.
func aligned(n int) int { return (n + 15) / 16 * 16 }
