package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var permutations = map[string]Mem{} // written so far

// permutation loads the places of sixteen of two registers' values.
func permutation(name string, at func(i int) int) reg.VecVirtual {
	if _, ok := permutations[name]; !ok {
		permutations[name] = GLOBL("places_"+name, RODATA|NOPTR)
		for i := range 16 {
			DATA(4*i, U32(uint32(at(i))))
		}
	}
	v := ZMM()
	VMOVDQU32(permutations[name], v)
	return v
}

func evens(i int) int { return 2 * i }
func odds(i int) int  { return 2*i + 1 }

// A pooling walks the windows of 2 x 2 of a plane, sixteen of a line at a time: the values of two
// lines, mapped to integers of the same order.
type pooling struct {
	name            string
	x, below, y     reg.Register // the first line of a pair, the second, and the line of outputs
	positive        reg.VecVirtual
	low, high, mask reg.Register // which values of the two vectors of a line there are, and which outputs
}

// pool512 writes the largest value of windows of 2 x 2, and its gradient.
func pool512() {
	p := newPooling("pool", "func(rows, n int, y *float32, x *float32, width int)", "sets rows lines of n values of y to the largest of each 2 x 2 of x, whose lines are width apart, as integers of the same order.")
	even, odd := permutation("even", evens), permutation("odd", odds)
	p.lines(func() {
		most := p.pair(0)
		other := p.pair(64)
		VPMAXSD(most[1], most[0], most[0])
		VPMAXSD(other[1], other[0], other[0])
		first, second := ZMM(), ZMM()
		VMOVDQA32(most[0], first)
		VMOVDQA32(most[0], second)
		VPERMT2D(other[0], even, first)
		VPERMT2D(other[0], odd, second)
		VPMAXSD(second, first, first)
		p.ordered(first)
		VMOVUPS(first, p.mask, Mem{Base: p.y})
	})

	p = newPooling("poolGrad", "func(rows, n int, y *float32, x *float32, width int, dx *float32)", "sets two lines of dx for each line of n gradients y, which go to the largest of each 2 x 2 of x, the first of equal ones; lines of x and dx are width apart.")
	even, odd = permutation("even", evens), permutation("odd", odds)
	left := permutation("left", func(i int) int { return i/2 + 16*(i%2) })
	right := permutation("right", func(i int) int { return 8 + i/2 + 16*(i%2) })
	dx := Load(Param("dx"), GP64())
	SUBQ(p.x, dx) // how far dx is from x
	p.lines(func() {
		low, high := p.pair(0), p.pair(64)
		var values []reg.VecVirtual // of windows: first line, then the second
		for i := range 2 {
			for _, places := range []reg.VecVirtual{even, odd} {
				v := ZMM()
				VMOVDQA32(low[i], v)
				VPERMT2D(high[i], places, v)
				values = append(values, v)
			}
		}
		most, other, gradient := ZMM(), ZMM(), ZMM()
		VPMAXSD(values[0], values[1], most)
		VPMAXSD(values[2], values[3], other)
		VPMAXSD(other, most, most)
		VMOVUPS_Z(Mem{Base: p.y}, p.mask, gradient)
		open, hit := K(), K() // windows whose gradient has no place yet
		KMOVW(p.mask, open)
		for _, v := range values {
			VPCMPEQD(v, most, open, hit)
			KANDNW(open, hit, open)
			VMOVDQU32_Z(gradient, hit, v)
		}
		for i, line := range []reg.Register{p.x, p.below} {
			for half, places := range []reg.VecVirtual{left, right} {
				v := ZMM()
				VMOVDQA32(values[2*i], v)
				VPERMT2D(values[2*i+1], places, v)
				p.store(fmt.Sprintf("%s_%d%d", p.name, i, half), v, half, Mem{Base: line, Index: dx, Scale: 1, Disp: 64 * half})
			}
		}
	})
}

func newPooling(name, signature, doc string) *pooling {
	name += "AVX512"
	TEXT(name, NOSPLIT, signature)
	Doc(fmt.Sprintf("%s %s", name, doc))
	p := &pooling{name: name, x: Load(Param("x"), GP64()), below: GP64(), y: Load(Param("y"), GP64()), positive: avx512.word("positive", 0x7fffffff), low: K(), high: K(), mask: K()}
	return p
}

// pair loads one vector of both lines.
func (p *pooling) pair(disp int) [2]reg.VecVirtual {
	mask := p.low
	if disp > 0 {
		mask = p.high
	}
	out := [2]reg.VecVirtual{ZMM(), ZMM()}
	VMOVDQU32_Z(Mem{Base: p.x, Disp: disp}, mask, out[0])
	VMOVDQU32_Z(Mem{Base: p.below, Disp: disp}, mask, out[1])
	p.ordered(out[0])
	p.ordered(out[1])
	return out
}

// store writes a vector of values as far as there are such. A masked store holds up loads of all that its register would
// cover, of the next line too where dx is x: as many values as make fours do without.
func (p *pooling) store(name string, v reg.VecVirtual, half int, to Mem) {
	there, values := GP32(), []reg.Register{p.low, p.high}[half]
	KMOVW(values, there)
	is := func(mask uint32, label string) {
		CMPL(there, U32(mask))
		JE(LabelRef(name + label))
	}
	is(0xffff, "_sixteen")
	is(0, "_done")
	is(0xff, "_eight")
	is(0xf, "_four")
	is(0xfff, "_twelve")
	VMOVUPS(v, values, to)
	JMP(LabelRef(name + "_done"))
	Label(name + "_sixteen")
	VMOVUPS(v, to)
	JMP(LabelRef(name + "_done"))
	Label(name + "_twelve")
	VMOVUPS(v.AsY(), to)
	VEXTRACTF32X4(Imm(2), v, v.AsX())
	VMOVUPS(v.AsX(), to.Offset(32))
	JMP(LabelRef(name + "_done"))
	Label(name + "_eight")
	VMOVUPS(v.AsY(), to)
	JMP(LabelRef(name + "_done"))
	Label(name + "_four")
	VMOVUPS(v.AsX(), to)
	Label(name + "_done")
}

// ordered maps values to integers of the same order, and back: the bits of negative ones but the
// sign are turned.
func (p *pooling) ordered(v reg.VecVirtual) {
	turn := ZMM()
	VPSRAD(Imm(31), v, turn)
	VPANDD(p.positive, turn, turn)
	VPXORD(turn, v, v)
}

// lines runs body for each sixteen windows of each line of outputs; masks leave out what is not there.
func (p *pooling) lines(body func()) {
	rows, n, width := Load(Param("rows"), GP64()), Load(Param("n"), GP64()), Load(Param("width"), GP64())
	SHLQ(Imm(2), width)
	skip, left := GP64(), GP64() // bytes from the last window of a line to the next pair of lines
	MOVQ(width, skip)
	SHLQ(Imm(1), skip)
	LEAQ(Mem{Base: n, Index: n, Scale: 1}, left)
	SHLQ(Imm(2), left)
	SUBQ(left, skip)
	Label(p.name + "_line")
	MOVQ(n, left)
	LEAQ(Mem{Base: p.x, Index: width, Scale: 1}, p.below)
	Label(p.name + "_loop")
	count := GP64()
	MOVQ(U32(16), count)
	CMPQ(left, count)
	CMOVQLT(left, count)
	bits := GP64()
	lowest(count, bits)
	KMOVW(bits.As32(), p.mask)
	values := GP64()
	LEAQ(Mem{Base: count, Index: count, Scale: 1}, values)
	lowest(values, bits)
	KMOVW(bits.As32(), p.low)
	SHRQ(Imm(16), bits)
	KMOVW(bits.As32(), p.high)
	body()
	LEAQ(Mem{Base: p.y, Index: count, Scale: 4}, p.y)
	LEAQ(Mem{Base: p.x, Index: values, Scale: 4}, p.x)
	LEAQ(Mem{Base: p.below, Index: values, Scale: 4}, p.below)
	SUBQ(count, left)
	JNZ(LabelRef(p.name + "_loop"))
	ADDQ(skip, p.x)
	DECQ(rows)
	JNZ(LabelRef(p.name + "_line"))
	VZEROUPPER()
	RET()
}
