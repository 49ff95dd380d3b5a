// Command gen writes the assembly of the kernels (asm_amd64.s and its Go stubs).
// Run `go generate ./internal/kernels` after changing it; a test compares what it
// writes with what is committed.
package main

import (
	"fmt"
	"slices"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!purego")
	for _, s := range []set{avx512, avx2} {
		half, narrow := s.half(), slices.Repeat([]set{s.half()}, s.bytes/32)
		s.tile("tile"+s.name, s.tileRows, f32, s, s)
		half.tile("tileNarrow"+s.name, s.tileRows, f32, narrow...)
		s.tile("tile64"+s.name, s.tileRows, f64, s, s)
		s.rows("rows"+s.name, s.tileRows, s, s)
		half.rows("narrow"+s.name, s.tileRows, narrow...)
		s.elementwise()
		s.stencils()
		s.forms()
		s.peak()
		s.labelled()
		s.exponentials()
	}
	avx512.rows("middleAVX512", avx512.tileRows, avx512, avx512.half())
	avx512.tile("tileMiddleAVX512", avx512.tileRows, f32, avx512, avx512.half())
	// Of half the rows, for the few taps of a line of a kernel on grey images.
	few := avx512.tileRows / 2
	avx512.half().tile("tileFewNarrowAVX512", few, f32, avx512.half(), avx512.half())
	avx512.tile("tileFewMiddleAVX512", few, f32, avx512, avx512.half())
	avx512.tile("tileFewAVX512", few, f32, avx512, avx512)
	for _, mr := range []int{8, 10, 12} {
		avx512.lines(fmt.Sprintf("lines%dAVX512", mr), mr)
	}
	transpose512()
	transpose256()
	pool512()
	across512()
	Generate()
}

// A set is an instruction set: how wide its registers are, and how many rows of a
// tile of two vectors fit in them.
type set struct {
	name     string
	bytes    int // of a vector register
	tileRows int
	vector   func() reg.VecVirtual
}

var (
	avx512 = set{"AVX512", 64, 12, func() reg.VecVirtual { return ZMM() }}
	avx2   = set{"AVX2", 32, 6, func() reg.VecVirtual { return YMM() }}
)

// half is the set with registers of 256 bits: broadcasts to wider ones cost twice,
// which a tile of one wide column has no products to hide behind.
func (s set) half() set {
	s.bytes, s.vector = 32, func() reg.VecVirtual { return YMM() }
	return s
}

// of is the part of a register that the set's registers are as wide as.
func (s set) of(v reg.VecVirtual) reg.Register {
	if s.bytes == 64 {
		return v
	}
	return v.AsY()
}

func (s set) lanes() int { return s.bytes / 4 }

// zero clears a register.
func (s set) zero(v reg.VecVirtual) {
	if s.bytes == 64 {
		VPXORD(v, v, v)
	} else {
		VXORPS(v, v, v)
	}
}

func (s set) vectors(n int) []reg.VecVirtual {
	out := make([]reg.VecVirtual, n)
	for i := range out {
		out[i] = s.vector()
	}
	return out
}
