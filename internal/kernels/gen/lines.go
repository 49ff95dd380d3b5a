package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// lines writes the product whose right operand is read where it lies, two registers at a time: neighbouring
// places of a line of an image, or one place of several, moved by the taps of a kernel, one channel after the other, while the packed A
// goes by. Row i of the result is of an output channel.
func (s set) lines(name string, mr int) {
	TEXT(name, NOSPLIT, "func(rows, k, channels int, a *float32, skip int, b *float32, br, bt, bc, shift int, bias, c *float32, ldc, cshift int)")
	Doc(fmt.Sprintf("%s sets %d rows of c, ldc apart, of %d values and as many cshift further, to bias, unless nil, and the sum over rows x k x channels of a value of a, of which skip are left out after each row, times values of b, br, bt and bc apart, and shift further.", name, mr, s.lanes()))
	sums, loaded := registers(mr, []set{s, s})
	value := s.vectors(2)
	a, bRow := Load(Param("a"), GP64()), Load(Param("b"), GP64())
	br, bt, bc, shift, skip := Load(Param("br"), GP64()), Load(Param("bt"), GP64()), Load(Param("bc"), GP64()), Load(Param("shift"), GP64()), Load(Param("skip"), GP64())
	for _, r := range []reg.Register{br, bt, bc, shift, skip} {
		f32.scale(r)
	}
	rows := Load(Param("rows"), GP64())
	rowLoop, tapLoop, loop := name+"_row", name+"_tap", name+"_loop"
	Label(rowLoop)
	bTap := GP64()
	MOVQ(bRow, bTap)
	taps := Load(Param("k"), GP64())
	Label(tapLoop)
	b := GP64()
	MOVQ(bTap, b)
	channels := Load(Param("channels"), GP64())
	Label(loop)
	VMOVUPS(Mem{Base: b}, loaded[0])
	VMOVUPS(Mem{Base: b, Index: shift, Scale: 1}, loaded[1])
	for i := range mr {
		v := value[i%2]
		VBROADCASTSS(Mem{Base: a, Disp: 4 * i}, v)
		for j := range loaded {
			VFMADD231PS(loaded[j], v, sums[2*i+j])
		}
	}
	ADDQ(Imm(uint64(4*mr)), a)
	ADDQ(bc, b)
	DECQ(channels)
	JNZ(LabelRef(loop))
	ADDQ(bt, bTap)
	DECQ(taps)
	JNZ(LabelRef(tapLoop))
	ADDQ(br, bRow)
	ADDQ(skip, a)
	DECQ(rows)
	JNZ(LabelRef(rowLoop))

	bias, set := Load(Param("bias"), GP64()), name+"_set"
	TESTQ(bias, bias)
	JZ(LabelRef(set))
	for i := range mr {
		v := value[i%2]
		VBROADCASTSS(Mem{Base: bias, Disp: 4 * i}, v)
		VADDPS(v, sums[2*i], sums[2*i])
		VADDPS(v, sums[2*i+1], sums[2*i+1])
	}
	Label(set)
	c, ldc, cshift := Load(Param("c"), GP64()), Load(Param("ldc"), GP64()), Load(Param("cshift"), GP64())
	f32.scale(ldc)
	f32.scale(cshift)
	for i := range mr {
		VMOVUPS(sums[2*i], Mem{Base: c})
		VMOVUPS(sums[2*i+1], Mem{Base: c, Index: cshift, Scale: 1})
		if i < mr-1 {
			ADDQ(ldc, c)
		}
	}
	VZEROUPPER()
	RET()
}
