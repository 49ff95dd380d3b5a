package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// exponentials writes e^x and e^(ax) - 1 in float64.
func (s set) exponentials() {
	s.exp()
	s.expm1()
}

var doubles = map[uint64]Mem{} // constants written so far

// stored is a float64 constant in memory.
func stored(name string, x float64) Mem {
	bits := math.Float64bits(x)
	if _, ok := doubles[bits]; !ok {
		doubles[bits] = ConstData("double_"+name, U64(bits))
	}
	return doubles[bits]
}

// double broadcasts a float64 constant.
func (s set) double(name string, x float64) reg.VecVirtual {
	v := s.vector()
	VBROADCASTSD(stored(name, x), v)
	return v
}

// A reduction holds the constants of e^x = 2^n e^r.
type reduction struct {
	s                   set
	log2e, ln2hi, ln2lo reg.VecVirtual
	taylor              []Mem // 1/2!, 1/3!, ... 1/13!: too many for the registers of AVX2
}

func (s set) reduction() reduction {
	d := reduction{s: s, log2e: s.double("log2e", math.Log2E),
		ln2hi: s.double("ln2hi", 6.93147180369123816490e-01), ln2lo: s.double("ln2lo", 1.90821492927058770002e-10)}
	factorial := 1.0
	for i, name := range []string{"half", "c3", "c4", "c5", "c6", "c7", "c8", "c9", "c10", "c11", "c12", "c13"} {
		factorial *= float64(i + 2)
		d.taylor = append(d.taylor, stored(name, 1/factorial))
	}
	return d
}

// less1 turns x into e^r - 1, |r| <= ln 2 / 2, by its Taylor polynomial of degree 13, off by 2e-17 of itself, and
// returns n as 32-bit integers.
func (d reduction) less1(x reg.VecVirtual) (r, n reg.VecVirtual) {
	s := d.s
	n, r = s.words(), s.vector()
	power := s.vector()
	VMULPD(d.log2e, x, power)
	if s.bytes == 64 {
		VCVTPD2DQ(power, n)
	} else {
		VCVTPD2DQY(power, n)
	}
	VCVTDQ2PD(n, power)
	VFNMADD231PD(d.ln2hi, power, x)
	VFNMADD231PD(d.ln2lo, power, x)
	VBROADCASTSD(d.taylor[11], r)
	for j := 10; j >= 0; j-- {
		c := s.vector()
		VBROADCASTSD(d.taylor[j], c)
		VFMADD213PD(c, x, r)
	}
	VMULPD(x, r, r)
	VFMADD213PD(x, x, r)
	return r, n
}

// words is a register of as many 32-bit integers as a vector has float64s.
func (s set) words() reg.VecVirtual {
	if s.bytes == 64 {
		return YMM()
	}
	return XMM()
}

// power is 2 to the integers, with the bits of 1 as exponent's bias.
func (s set) power(n, one reg.VecVirtual) reg.VecVirtual {
	v := s.vector()
	VPMOVSXDQ(n, v)
	VPSLLQ(Imm(52), v, v)
	VPADDQ(one, v, v)
	return v
}

// doublesLoop writes the loop of a function over n float64 values of x, a multiple of the lanes, in place.
func (s set) doublesLoop(name string, body func(v reg.VecVirtual) reg.VecVirtual) {
	i, n, x := GP64(), Load(Param("n"), GP64()), s.pointer("x")
	XORQ(i, i)
	Label(name + "_loop")
	v, at := s.vector(), Mem{Base: x, Index: i, Scale: 8}
	VMOVUPD(at, v)
	VMOVUPD(body(v), at)
	ADDQ(U32(uint32(s.bytes/8)), i)
	CMPQ(i, n)
	JL(LabelRef(name + "_loop"))
	end()
}

// exp writes e^x = (2^m · e^r) · 2^(n-m), m about n/2, so that neither factor leaves the normal numbers.
func (s set) exp() {
	name := s.function("exp64", "x *float64", "", "sets x to e^x.")
	d := s.reduction()
	low, high, one := s.double("exp_low", -746), s.double("exp_high", 710), s.double("one", 1) // 0 and infinite beyond
	s.doublesLoop(name, func(v reg.VecVirtual) reg.VecVirtual {
		VMINPD(v, high, v) // a NaN in v stays
		VMAXPD(v, low, v)
		r, n := d.less1(v)
		half := s.words()
		VPSRAD(Imm(1), n, half)
		VPSUBD(half, n, n)
		first, second := s.power(half, one), s.power(n, one)
		VFMADD213PD(first, first, r) // 2^m (e^r - 1) + 2^m
		VMULPD(second, r, r)
		return r
	})
}

// expm1 writes e^(ax) - 1 = 2^n (e^r - 1) + (2^n - 1), which keeps every digit near zero.
func (s set) expm1() {
	name := s.function("expm64", "x *float64, a float64", "", "sets x to e^(a·x) - 1, a·x not above 709.")
	d := s.reduction()
	low, one := s.double("expm1_low", -40), s.double("one", 1) // -1 below
	addr, err := Param("a").Resolve()
	if err != nil {
		panic(err)
	}
	a := s.vector()
	VBROADCASTSD(addr.Addr, a)
	s.doublesLoop(name, func(v reg.VecVirtual) reg.VecVirtual {
		VMULPD(a, v, v)
		VMAXPD(v, low, v) // a NaN in v stays
		r, n := d.less1(v)
		power, less := s.power(n, one), s.vector()
		VSUBPD(one, power, less)
		VFMADD213PD(less, power, r)
		return r
	})
}
