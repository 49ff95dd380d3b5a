package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// peakChains is the number of independent chains of products in the peak loop.
const peakChains = 12

// peak writes a loop of nothing but fused multiply-adds between registers: the
// most that a processor can do.
func (s set) peak() {
	name := "peak" + s.name
	TEXT(name, NOSPLIT, "func(n int)")
	Doc(name + " runs n rounds of 12 independent vector multiply-adds.")
	n := Load(Param("n"), GP64())
	x := s.vector()
	s.zero(x)
	sums := s.vectors(peakChains)
	for _, v := range sums {
		s.zero(v)
	}
	Label(name + "_loop")
	for _, v := range sums {
		VFMADD231PS(x, x, v)
	}
	DECQ(n)
	JNZ(LabelRef(name + "_loop"))
	VZEROUPPER()
	RET()
}
