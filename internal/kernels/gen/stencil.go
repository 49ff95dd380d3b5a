package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// A combination is one row of a linear map: the input that is taken, and the one
// that is added to it (sign 1) or taken away (−1), if any.
type combination struct{ take, other, sign int }

// stencils are the maps of stencil.go, which says what they are for.
var stencils = []struct {
	name, doc string
	inputs    int
	rows      []combination
}{
	{"analyse3", "makes 3 x 3 vectors of 3 x 3.", 3, []combination{{0, 1, -1}, {1, 0, 0}, {1, 2, -1}}},
	{"analyse4", "makes 5 x 5 vectors of 4 x 4.", 4, []combination{{0, 1, -1}, {1, 0, 0}, {1, 2, -1}, {2, 0, 0}, {2, 3, -1}}},
	{"spread", "makes 3 x 3 vectors of 2 x 2.", 2, []combination{{0, 0, 0}, {0, 1, 1}, {1, 0, 0}}},
	{"gather", "makes 2 x 2 vectors of 3 x 3.", 3, []combination{{0, 1, 1}, {1, 2, -1}}},
}

// stencils writes the maps, each applied to the columns and then to the rows of a
// square of vectors; n is a positive multiple of the lanes, strides count values.
func (s set) stencils() {
	for _, m := range stencils {
		TEXT(m.name+s.name, NOSPLIT, "func(n int, dst *float32, drow, dcol int, src *float32, srow, scol int)")
		Doc(m.name + s.name + " " + m.doc)
		n := Load(Param("n"), GP64())
		dst := Load(Param("dst"), GP64())
		stride := func(name string) reg.GPVirtual {
			r := Load(Param(name), GP64()).(reg.GPVirtual)
			SHLQ(U8(2), r)
			return r
		}
		drow, dcol := stride("drow"), stride("dcol")
		rows := []reg.Register{Load(Param("src"), GP64())}
		srow, scol := stride("srow"), stride("scol")
		for i := 1; i < m.inputs; i++ {
			r := GP64()
			LEAQ(Mem{Base: rows[i-1], Index: srow, Scale: 1}, r)
			rows = append(rows, r)
		}
		scol3 := GP64()
		if m.inputs > 3 {
			LEAQ(Mem{Base: scol, Index: scol, Scale: 2}, scol3)
		}
		at := func(row, col int) Mem {
			switch col {
			case 0:
				return Mem{Base: rows[row]}
			case 3:
				return Mem{Base: rows[row], Index: scol3, Scale: 1}
			}
			return Mem{Base: rows[row], Index: scol, Scale: uint8(col)}
		}
		loop := m.name + "_loop"
		Label(loop)
		line, to := GP64(), GP64()
		MOVQ(dst, line)
		for i, down := range m.rows {
			columns := s.vectors(m.inputs)
			for q, v := range columns {
				VMOVUPS(at(down.take, q), v)
				combine(down.sign, at(down.other, q), v, v)
			}
			MOVQ(line, to)
			for j, across := range m.rows {
				v := columns[across.take]
				if across.sign != 0 {
					v = s.vector()
					combine(across.sign, columns[across.other], columns[across.take], v)
				}
				VMOVUPS(v, Mem{Base: to})
				if j+1 < len(m.rows) {
					ADDQ(dcol, to)
				}
			}
			if i+1 < len(m.rows) {
				ADDQ(drow, line)
			}
		}
		ADDQ(U32(uint32(s.bytes)), dst)
		for _, r := range rows {
			ADDQ(U32(uint32(s.bytes)), r.(reg.GPVirtual))
		}
		SUBQ(U32(uint32(s.lanes())), n)
		JNZ(LabelRef(loop))
		end()
	}
}

// combine sets to = v + sign·other; nothing where sign is 0.
func combine(sign int, other Op, v, to reg.VecVirtual) {
	switch sign {
	case 1:
		VADDPS(other, v, to)
	case -1:
		VSUBPS(other, v, to)
	}
}
