package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

const transposeSignature = "func(dst *float32, ldd int, src *float32, lds int, rows, cols int)"

// transpose512 writes the transpose of a tile of at most 16 x 16 values.
func transpose512() {
	name := "transposeAVX512"
	TEXT(name, NOSPLIT, transposeSignature)
	Doc(name + " transposes rows x cols values, each at least 1 and at most 16; the rows of dst and src are ldd and lds apart.")
	dst, ldd := Load(Param("dst"), GP64()), Load(Param("ldd"), GP64())
	src, lds := Load(Param("src"), GP64()), Load(Param("lds"), GP64())
	rows, cols := Load(Param("rows"), GP64()), Load(Param("cols"), GP64())
	SHLQ(Imm(2), ldd)
	SHLQ(Imm(2), lds)
	in, out := mask(cols), mask(rows)

	z := avx512.vectors(16)
	for i := range z { // rows that are not there may hold anything: their mask keeps them out
		avx512.zero(z[i])
	}
	loaded := name + "_loaded"
	for i := range z {
		VMOVUPS_Z(Mem{Base: src}, in, z[i])
		if i < 15 {
			DECQ(rows)
			JZ(LabelRef(loaded))
			ADDQ(lds, src)
		}
	}
	Label(loaded)
	t := avx512.vectors(16)
	for i := 0; i < 16; i += 4 { // 4x4 blocks within each 128-bit lane
		transpose4(z[i:i+4], t[i:i+4])
	}
	// Now z[4q+j] holds in lane l column 4l+j of rows 4q..4q+3; bring lanes together.
	for j := range 4 {
		a, b, c, d := z[j], z[4+j], z[8+j], z[12+j]
		p, q, r, s := t[j], t[4+j], t[8+j], t[12+j]
		VSHUFF32X4(Imm(0x44), b, a, p) // a0 a1 b0 b1
		VSHUFF32X4(Imm(0xee), b, a, q) // a2 a3 b2 b3
		VSHUFF32X4(Imm(0x44), d, c, r)
		VSHUFF32X4(Imm(0xee), d, c, s)
		VSHUFF32X4(Imm(0x88), r, p, z[j])    // a0 b0 c0 d0
		VSHUFF32X4(Imm(0xdd), r, p, z[4+j])  // a1 b1 c1 d1
		VSHUFF32X4(Imm(0x88), s, q, z[8+j])  // a2 b2 c2 d2
		VSHUFF32X4(Imm(0xdd), s, q, z[12+j]) // a3 b3 c3 d3
	}
	done := name + "_done"
	for i := range z {
		VMOVUPS(z[i], out, Mem{Base: dst})
		if i < 15 {
			DECQ(cols)
			JZ(LabelRef(done))
			ADDQ(ldd, dst)
		}
	}
	Label(done)
	VZEROUPPER()
	RET()
}

// transpose4 transposes the 4x4 blocks in the 128-bit lanes of four registers, by way
// of t.
func transpose4(z, t []reg.VecVirtual) {
	VUNPCKLPS(z[1], z[0], t[0])
	VUNPCKHPS(z[1], z[0], t[1])
	VUNPCKLPS(z[3], z[2], t[2])
	VUNPCKHPS(z[3], z[2], t[3])
	VUNPCKLPD(t[2], t[0], z[0])
	VUNPCKHPD(t[2], t[0], z[1])
	VUNPCKLPD(t[3], t[1], z[2])
	VUNPCKHPD(t[3], t[1], z[3])
}

// mask makes a mask of the lowest n lanes.
func mask(n reg.Register) reg.Register {
	bits, k := GP64(), K()
	lowest(n, bits)
	KMOVW(bits.As32(), k)
	return k
}

// lowest sets the lowest n bits, and clears the others.
func lowest(n, bits reg.Register) {
	MOVQ(n, reg.RCX)
	MOVQ(U32(1), bits)
	SHLQ(reg.CL, bits)
	DECQ(bits)
}

// transpose256 writes the transpose of an 8 x 8 tile.
func transpose256() {
	name := "transposeAVX2"
	TEXT(name, NOSPLIT, "func(dst *float32, ldd int, src *float32, lds int)")
	Doc(fmt.Sprintf("%s transposes 8 x 8 values; the rows of dst and src are ldd and lds apart.", name))
	dst, ldd := Load(Param("dst"), GP64()), Load(Param("ldd"), GP64())
	src, lds := Load(Param("src"), GP64()), Load(Param("lds"), GP64())
	SHLQ(Imm(2), ldd)
	SHLQ(Imm(2), lds)
	y, t := avx2.vectors(8), avx2.vectors(8)
	for i := range y {
		VMOVUPS(Mem{Base: src}, y[i])
		ADDQ(lds, src)
	}
	transpose4(y[:4], t[:4])
	transpose4(y[4:], t[4:])
	for j := range 8 {
		v := YMM()
		if j < 4 {
			VPERM2F128(Imm(0x20), y[4+j], y[j], v)
		} else {
			VPERM2F128(Imm(0x31), y[j], y[j-4], v)
		}
		VMOVUPS(v, Mem{Base: dst})
		ADDQ(ldd, dst)
	}
	VZEROUPPER()
	RET()
}
