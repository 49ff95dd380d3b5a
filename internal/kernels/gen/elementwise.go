package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// unroll vectors are handled at a time, so that a sum does not wait for itself.
const unroll = 4

// elementwise writes the loops over n values, n a positive multiple of the lanes.
func (s set) elementwise() {
	s.sums()
	s.norms()
	s.activations()
	s.updates()
	s.rounded()
	s.channel()
}

// A walk is the loop of one function: at(p) addresses the current vector of p.
type walk struct {
	s     set
	index reg.GPVirtual
	disp  int
}

func (w walk) at(p reg.Register) Mem {
	return Mem{Base: p, Index: w.index, Scale: 4, Disp: w.disp}
}

func (w walk) load(p reg.Register) reg.VecVirtual {
	v := w.s.vector()
	VMOVUPS(w.at(p), v)
	return v
}

func (w walk) store(v reg.Register, p reg.Register) { VMOVUPS(v, w.at(p)) }

// loop runs body for u = 0..unroll-1 while that many vectors are left, then for
// u = 0 on the rest.
func (s set) loop(name string, body func(w walk, u int)) {
	i, end := GP64(), GP64()
	XORQ(i, i)
	n := Load(Param("n"), GP64())
	big, rest, done := name+"_big", name+"_rest", name+"_done"
	Label(big)
	LEAQ(Mem{Base: i, Disp: unroll * s.lanes()}, end)
	CMPQ(end, n)
	JG(LabelRef(rest))
	for u := range unroll {
		body(walk{s, i, u * s.bytes}, u)
	}
	MOVQ(end, i)
	JMP(LabelRef(big))
	Label(rest)
	CMPQ(i, n)
	JGE(LabelRef(done))
	body(walk{s, i, 0}, 0)
	ADDQ(U32(uint32(s.lanes())), i)
	JMP(LabelRef(rest))
	Label(done)
}

// function starts a function over n values with the given further parameters.
func (s set) function(name, params, result, doc string) string {
	name += s.name
	TEXT(name, NOSPLIT, "func(n int, "+params+")"+result)
	Doc(name + " " + doc)
	return name
}

func (s set) pointer(name string) reg.Register { return Load(Param(name), GP64()) }

// constant broadcasts a float32 parameter.
func (s set) constant(name string) reg.VecVirtual {
	addr, err := Param(name).Resolve()
	if err != nil {
		panic(err)
	}
	v := s.vector()
	VBROADCASTSS(addr.Addr, v)
	return v
}

// accumulators are zeroed sums, one an unrolled step.
func (s set) accumulators() []reg.VecVirtual {
	v := s.vectors(unroll)
	for _, x := range v {
		s.zero(x)
	}
	return v
}

// total adds the accumulators and their lanes.
func (s set) total(sums []reg.VecVirtual) reg.VecVirtual {
	VADDPS(sums[1], sums[0], sums[0])
	VADDPS(sums[3], sums[2], sums[2])
	VADDPS(sums[2], sums[0], sums[0])
	v, upper := sums[0], func(ops ...Op) { VEXTRACTF128(ops[0], ops[1], ops[2]) }
	if s.bytes == 64 {
		h := YMM()
		VEXTRACTF64X4(Imm(1), v, h)
		low := YMM()
		VADDPS(h, v.AsY(), low)
		v, upper = low, VEXTRACTF32X4
	}
	h, x := XMM(), XMM()
	upper(Imm(1), v.AsY(), h)
	VADDPS(h, v.AsX(), x)
	for _, swapped := range []uint64{0xb1, 0x4e} { // neighbours, then halves
		VPERMILPS(Imm(swapped), x, h)
		VADDPS(h, x, x)
	}
	return x
}

// returns stores the total of the accumulators as the result.
func (s set) returns(sums []reg.VecVirtual) { Store(s.total(sums), ReturnIndex(0)) }

func end() {
	VZEROUPPER()
	RET()
}

// absolute clears the sign of v.
func (s set) absolute(v reg.VecVirtual) {
	VPSLLD(Imm(1), v, v)
	VPSRLD(Imm(1), v, v)
}

func (s set) sums() {
	name := s.function("sum", "x *float32", " float32", "adds up x.")
	x := s.pointer("x")
	acc := s.accumulators()
	s.loop(name, func(w walk, u int) { VADDPS(w.at(x), acc[u], acc[u]) })
	s.returns(acc)
	end()

	name = s.function("dot", "x, y *float32", " float32", "is the sum of the products of x and y.")
	x, y := s.pointer("x"), s.pointer("y")
	acc = s.accumulators()
	s.loop(name, func(w walk, u int) { VFMADD231PS(w.at(y), w.load(x), acc[u]) })
	s.returns(acc)
	end()

	name = s.function("absDiff", "x, t *float32", " float32", "is the sum of |x - t|.")
	x, t := s.pointer("x"), s.pointer("t")
	acc = s.accumulators()
	s.loop(name, func(w walk, u int) {
		d := w.load(x)
		VSUBPS(w.at(t), d, d)
		s.absolute(d)
		VADDPS(d, acc[u], acc[u])
	})
	s.returns(acc)
	end()
}

// leak sets v to v·slope where sign is negative, and leaves it elsewhere.
func (s set) leak(v, sign, slope, zero reg.VecVirtual) {
	if s.bytes == 64 {
		k := K()
		VCMPPS(Imm(1), zero, sign, k) // less than, ordered
		VMULPS(slope, v, k, v)
		return
	}
	m, scaled := YMM(), YMM()
	VCMPPS(Imm(1), zero, sign, m)
	VMULPS(slope, v, scaled)
	VBLENDVPS(m, scaled, v, v)
}

func (s set) activations() {
	name := s.function("leaky", "y, x *float32, slope float32", "", "sets y to x, times slope where x is negative.")
	y, x := s.pointer("y"), s.pointer("x")
	slope, zero := s.constant("slope"), s.vector()
	s.zero(zero)
	s.loop(name, func(w walk, u int) {
		v := w.load(x)
		s.leak(v, v, slope, zero)
		w.store(v, y)
	})
	end()

	name = s.function("leakyGrad", "dx, dy, x *float32, slope float32", "", "sets dx to dy, times slope where x is negative.")
	dx, dy, x := s.pointer("dx"), s.pointer("dy"), s.pointer("x")
	slope = s.constant("slope")
	s.zero(zero)
	s.loop(name, func(w walk, u int) {
		g := w.load(dy)
		s.leak(g, w.load(x), slope, zero)
		w.store(g, dx)
	})
	end()

	s.tanh()

	name = s.function("tanhGrad", "dx, dy, y *float32", "", "sets dx to dy·(1 - y²).")
	dx, dy, y = s.pointer("dx"), s.pointer("dy"), s.pointer("y")
	one := s.number("one", 1)
	s.loop(name, func(w walk, u int) {
		v, g := w.load(y), s.vector()
		VMOVUPS(one, g)
		VFNMADD231PS(v, v, g)
		VMULPS(w.at(dy), g, g)
		w.store(g, dx)
	})
	end()

	name = s.function("absGrad", "dx, x, t *float32, size float32", "", "sets dx to size with the sign of x - t, 0 where they are equal.")
	dx, x, t := s.pointer("dx"), s.pointer("x"), s.pointer("t")
	g, sign := s.constant("size"), s.word("sign", 0x80000000)
	s.zero(zero)
	s.loop(name, func(w walk, u int) {
		d := w.load(x)
		VSUBPS(w.at(t), d, d)
		s.signed(d, g, sign, zero)
		w.store(d, dx)
	})
	end()
}

// signed sets d to g with d's sign, or 0 where d is 0.
func (s set) signed(d, g, sign, zero reg.VecVirtual) {
	bits := s.vector()
	if s.bytes == 64 {
		k := K()
		VCMPPS(Imm(4), zero, d, k) // not equal
		VPANDD(sign, d, bits)
		VPXORD(g, bits, bits)
		VMOVAPS_Z(bits, k, d)
		return
	}
	m := YMM()
	VCMPPS(Imm(4), zero, d, m)
	VANDPS(sign, d, bits)
	VXORPS(g, bits, bits)
	VANDPS(m, bits, d)
}

func (s set) updates() {
	name := s.function("axpy", "y *float32, a float32, x *float32", "", "adds a·x to y.")
	y, x := s.pointer("y"), s.pointer("x")
	a := s.constant("a")
	s.loop(name, func(w walk, u int) {
		v := w.load(y)
		VFMADD231PS(w.at(x), a, v)
		w.store(v, y)
	})
	end()

	name = s.function("scale", "y *float32, a float32, x *float32", "", "sets y to a·x.")
	y, x = s.pointer("y"), s.pointer("x")
	a = s.constant("a")
	s.loop(name, func(w walk, u int) {
		v := s.vector()
		VMULPS(w.at(x), a, v)
		w.store(v, y)
	})
	end()

	name = s.function("adam", "p, grad, m, v *float32, scale, c1, c2, rate, root, eps float32", "",
		"moves p by Adam: d = grad·scale, m += c1·(d - m), v += c2·(d² - v), p -= rate·m/(sqrt(v)·root + eps).")
	p, g, m, v := s.pointer("p"), s.pointer("grad"), s.pointer("m"), s.pointer("v")
	scale, c1, c2 := s.constant("scale"), s.constant("c1"), s.constant("c2")
	rate, root, eps := s.constant("rate"), s.constant("root"), s.constant("eps")
	s.loop(name, func(w walk, u int) {
		d, mv, vv, t := s.vector(), w.load(m), w.load(v), s.vector()
		VMULPS(w.at(g), scale, d)
		VSUBPS(mv, d, t)
		VFMADD231PS(t, c1, mv)
		w.store(mv, m)
		VMULPS(d, d, d)
		VSUBPS(vv, d, d)
		VFMADD231PS(d, c2, vv)
		w.store(vv, v)
		VSQRTPS(vv, vv)
		VFMADD213PS(eps, root, vv) // sqrt(v)·root + eps
		VMULPS(rate, mv, mv)
		VDIVPS(vv, mv, mv)
		pv := w.load(p)
		VSUBPS(mv, pv, pv)
		w.store(pv, p)
	})
	end()
}
