package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// rounded writes the maps of normalisations whose every operation rounds, as it does in Go.
func (s set) rounded() {
	name := s.function("affine", "y, x *float32, m, a, add float32", "", "sets y to a·(x - m) + add, each operation rounded.")
	y, x := s.pointer("y"), s.pointer("x")
	m, a, add := s.constant("m"), s.constant("a"), s.constant("add")
	s.loop(name, func(w walk, u int) {
		v := w.load(x)
		VSUBPS(m, v, v)
		VMULPS(a, v, v)
		VADDPS(add, v, v)
		w.store(v, y)
	})
	end()

	name = s.function("slant", "y, d, x *float32, up, m, slope, add float32", "", "sets y to up·d + slope·(x - m) + add, each operation rounded.")
	y, x = s.pointer("y"), s.pointer("x")
	d := s.pointer("d")
	up, slope := s.constant("up"), s.constant("slope")
	m, add = s.constant("m"), s.constant("add")
	s.loop(name, func(w walk, u int) {
		v, sum := w.load(x), s.vector()
		VSUBPS(m, v, v)
		VMULPS(slope, v, v)
		VMULPS(w.at(d), up, sum)
		VADDPS(v, sum, v)
		VADDPS(add, v, v)
		w.store(v, y)
	})
	end()
}

// channel writes the sums that a channel's statistics are made of, in float64.
func (s set) channel() {
	name := s.function("channel", "d, x *float32, mean float64", " (sum, product float64)", "adds up d and d·(x - mean) in float64.")
	d, x := s.pointer("d"), s.pointer("x")
	addr, err := Param("mean").Resolve()
	if err != nil {
		panic(err)
	}
	mean := s.vector()
	VBROADCASTSD(addr.Addr, mean)
	sums, products := s.accumulators(), s.accumulators()
	s.loop(name, func(w walk, u int) {
		for half := range 2 {
			k := u%2*2 + half
			at := func(p reg.Register) Mem {
				m := w.at(p)
				m.Disp += half * s.bytes / 2
				return m
			}
			by, off := s.vector(), s.vector()
			VCVTPS2PD(at(d), by)
			VCVTPS2PD(at(x), off)
			VSUBPD(mean, off, off)
			VADDPD(by, sums[k], sums[k])
			VFMADD231PD(off, by, products[k])
		}
	})
	for i, v := range [][]reg.VecVirtual{sums, products} {
		VADDPD(v[1], v[0], v[0])
		VADDPD(v[3], v[2], v[2])
		VADDPD(v[2], v[0], v[0])
		half := YMM()
		VMOVUPD(v[0].AsY(), half)
		if s.bytes == 64 {
			VEXTRACTF64X4(Imm(1), v[0], half)
			VADDPD(v[0].AsY(), half, half)
		}
		h, total := XMM(), XMM()
		VEXTRACTF128(Imm(1), half, h)
		VADDPD(h, half.AsX(), total)
		VPERMILPD(Imm(1), total, h)
		VADDSD(h, total, total)
		Store(total, ReturnIndex(i))
	}
	end()
}

// across512 writes the sums of sixteen channels that lie side by side, each by itself and one
// place after the other: the bits are those of a loop over a channel.
func across512() {
	s := avx512
	for _, squares := range []bool{false, true} {
		name, doc := "acrossAVX512", "adds to the sums of sixteen channels those of n rows of d, and to products those of d·(x - mean), in float64 and one after the other."
		signature := "func(n int, d, x *float32, mean, sums, products *float64)"
		if squares {
			name, doc = "acrossSquaresAVX512", "adds to the products of sixteen channels those of n rows of (x - mean)², in float64 and one after the other."
			signature = "func(n int, x *float32, mean, products *float64)"
		}
		TEXT(name, NOSPLIT, signature)
		Doc(name + " " + doc)
		load := func(param string) (reg.Register, []reg.VecVirtual) {
			at, v := Load(Param(param), GP64()), s.vectors(2)
			for i := range v {
				VMOVUPD(Mem{Base: at, Disp: i * s.bytes}, v[i])
			}
			return at, v
		}
		n, x := Load(Param("n"), GP64()), Load(Param("x"), GP64())
		var d, toSums reg.Register
		var sums []reg.VecVirtual
		_, mean := load("mean")
		toProducts, products := load("products")
		if !squares {
			d = Load(Param("d"), GP64())
			toSums, sums = load("sums")
		}
		Label(name + "_loop")
		for i := range 2 {
			off := s.vector()
			VCVTPS2PD(Mem{Base: x, Disp: i * s.bytes / 2}, off)
			VSUBPD(mean[i], off, off)
			by := off
			if !squares {
				by = s.vector()
				VCVTPS2PD(Mem{Base: d, Disp: i * s.bytes / 2}, by)
				VADDPD(by, sums[i], sums[i])
			}
			VMULPD(by, off, off)
			VADDPD(off, products[i], products[i])
		}
		ADDQ(U32(uint32(s.bytes)), x)
		if !squares {
			ADDQ(U32(uint32(s.bytes)), d)
		}
		DECQ(n)
		JNZ(LabelRef(name + "_loop"))
		for i := range 2 {
			if !squares {
				VMOVUPD(sums[i], Mem{Base: toSums, Disp: i * s.bytes})
			}
			VMOVUPD(products[i], Mem{Base: toProducts, Disp: i * s.bytes})
		}
		VZEROUPPER()
		RET()
	}
}
