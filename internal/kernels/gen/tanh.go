package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var words = map[uint32]Mem{} // constants written so far

// word broadcasts a 32-bit constant.
func (s set) word(name string, bits uint32) reg.VecVirtual {
	if _, ok := words[bits]; !ok {
		words[bits] = ConstData("const_"+name, U32(bits))
	}
	v := s.vector()
	VBROADCASTSS(words[bits], v)
	return v
}

func (s set) number(name string, x float32) reg.VecVirtual {
	return s.word(name, math.Float32bits(x))
}

// tanh writes tanh(x) = ±t/(t+2) with t = e^(2|x|) − 1. With 2|x| = n·ln 2 + r,
// t = 2ⁿ·(e^r − 1) + (2ⁿ − 1), which keeps every digit near zero; e^r − 1 is its
// Taylor polynomial of degree 7 on |r| <= 0.35, off by less than 1e-8 of itself.
func (s set) tanh() {
	name := s.function("tanh", "y, x *float32", "", "sets y to the hyperbolic tangent of x.")
	y, x := s.pointer("y"), s.pointer("x")
	sign, limit := s.word("sign", 0x80000000), s.number("limit", 9.02) // tanh is 1 beyond
	log2e, ln2hi, ln2lo := s.number("log2e", math.Log2E), s.number("ln2hi", 0.693359375), s.number("ln2lo", -2.12194440e-4)
	one, two := s.number("one", 1), s.number("two", 2)
	var taylor []reg.VecVirtual
	for i, name := range []string{"half", "c3", "c4", "c5", "c6", "c7"} {
		f := 1.0
		for j := 2; j <= i+2; j++ {
			f *= float64(j)
		}
		taylor = append(taylor, s.number(name, float32(1/f)))
	}
	and := func(a, b, d reg.VecVirtual) {
		if s.bytes == 64 {
			VPANDD(a, b, d)
		} else {
			VANDPS(a, b, d)
		}
	}
	or := func(a, b, d reg.VecVirtual) {
		if s.bytes == 64 {
			VPORD(a, b, d)
		} else {
			VORPS(a, b, d)
		}
	}
	i, n := GP64(), Load(Param("n"), GP64())
	XORQ(i, i)
	w := walk{s, i, 0}
	Label(name + "_loop")
	v, signs, power := w.load(x), s.vector(), s.vector()
	and(sign, v, signs)
	s.absolute(v)
	VMINPS(v, limit, v) // a NaN in v stays
	VADDPS(v, v, v)
	VMULPS(log2e, v, power)
	VCVTPS2DQ(power, power) // n, to nearest
	r := s.vector()
	VCVTDQ2PS(power, r)
	VFNMADD231PS(ln2hi, r, v)
	VFNMADD231PS(ln2lo, r, v) // v is the remainder
	VPSLLD(Imm(23), power, power)
	VPADDD(one, power, power) // the bits of 2ⁿ
	VMOVUPS(taylor[5], r)
	for j := 4; j >= 0; j-- {
		VFMADD213PS(taylor[j], v, r)
	}
	VMULPS(v, r, r)
	VFMADD213PS(v, v, r) // e^v − 1
	VSUBPS(one, power, v)
	VFMADD231PS(power, r, v) // t
	VADDPS(two, v, r)
	VDIVPS(r, v, v)
	or(signs, v, v)
	w.store(v, y)
	ADDQ(U32(uint32(s.lanes())), i)
	CMPQ(i, n)
	JL(LabelRef(name + "_loop"))
	end()
}
