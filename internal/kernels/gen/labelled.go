package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// The block of a matrix that one call of `labelled` sums: groups of four rows, eight columns.
const (
	labelledGroups = 16
	labelledLanes  = 8
	subsetBytes    = labelledLanes * 8 // of the sum of one subset of a group
	groupBytes     = 16 * subsetBytes  // of those of all subsets
)

// labelled writes the sums of a block over the rows and columns that 0/1 labels choose, for
// many labellings: the sums of all 16 subsets of each four rows are tabulated, so that a
// labelling adds one row of each table and makes no product.
func (s set) labelled() {
	name := "labelled" + s.name
	TEXT(name, NOSPLIT, "func(n int, k *float64, stride int, table *float64, codes, masks *uint8, sums *float64)")
	Doc(fmt.Sprintf("%s adds to each of n rows of %d sums those of the %d x %d block k over the chosen rows, where masks chooses the column.", name, labelledLanes, 4*labelledGroups, labelledLanes))
	table := Load(Param("table"), GP64())
	s.subsets(name+"_table", table)
	n, sums := Load(Param("n"), GP64()), Load(Param("sums"), GP64())
	codes, masks := Load(Param("codes"), GP64()), Load(Param("masks"), GP64())
	parts := subsetBytes / s.bytes
	add := s.chosen(masks)
	Label(name + "_loop")
	chains := [][]reg.VecVirtual{s.vectors(parts), s.vectors(parts)} // of even and of odd groups
	packed := []reg.GPVirtual{GP64(), GP64()}                        // codes of the groups to come: fewer loads than one by one
	for g := range labelledGroups {
		code, from := GP64(), packed[g/8]
		if g%8 == 0 {
			MOVQ(Mem{Base: codes, Disp: g}, from)
		}
		MOVBQZX(from.As8(), code)
		if g%8 < 7 {
			SHRQ(Imm(8), from)
		}
		for p, sum := range chains[g%2] {
			at := Mem{Base: table, Index: code, Scale: 8, Disp: g*groupBytes + p*s.bytes}
			if g < 2 {
				VMOVUPD(at, sum)
			} else {
				VADDPD(at, sum, sum)
			}
		}
	}
	for p := range parts {
		VADDPD(chains[1][p], chains[0][p], chains[0][p])
		add(p, chains[0][p], Mem{Base: sums, Disp: p * s.bytes})
	}
	ADDQ(Imm(labelledGroups), codes)
	INCQ(masks)
	ADDQ(Imm(subsetBytes), sums)
	DECQ(n)
	JNZ(LabelRef(name + "_loop"))
	end()
}

// subsets fills the table: entry c of a group is the sum of its rows whose bit is set in c.
func (s set) subsets(name string, table reg.Register) {
	k, stride := Load(Param("k"), GP64()), Load(Param("stride"), GP64())
	f64.scale(stride)
	to, left := GP64(), GP64()
	MOVQ(table, to)
	MOVQ(U32(labelledGroups), left)
	Label(name)
	next := GP64()
	for p := range subsetBytes / s.bytes {
		entry := s.vectors(8)
		at := func(c int) Mem { return Mem{Base: to, Disp: c*subsetBytes + p*s.bytes} }
		s.zero(entry[0])
		VMOVUPD(entry[0], at(0))
		MOVQ(k, next)
		for bit := range 4 {
			row := s.vector()
			VMOVUPD(Mem{Base: next, Disp: p * s.bytes}, row)
			ADDQ(stride, next)
			VMOVUPD(row, at(1<<bit))
			for c := range 1 << bit {
				sum := row
				if c > 0 {
					sum = s.vector()
					VADDPD(row, entry[c], sum)
					VMOVUPD(sum, at(1<<bit+c))
				}
				if bit < 3 {
					entry[1<<bit+c] = sum
				}
			}
		}
	}
	MOVQ(next, k)
	ADDQ(U32(groupBytes), to)
	DECQ(left)
	JNZ(LabelRef(name))
}

// chosen returns the code that adds those lanes of a part of eight whose bit is set in the
// current mask to sums in memory.
func (s set) chosen(masks reg.Register) func(part int, v reg.VecVirtual, sums Mem) {
	if s.bytes == 64 {
		return func(_ int, v reg.VecVirtual, sums Mem) {
			k, sum := K(), s.vector()
			KMOVB(Mem{Base: masks}, k)
			VMOVUPD(sums, sum)
			VADDPD(v, sum, k, sum)
			VMOVUPD(sum, sums)
		}
	}
	bits := GLOBL("lane_bits", RODATA|NOPTR)
	for i := range labelledLanes {
		DATA(8*i, U64(1<<i))
	}
	lanes := s.vectors(2)
	for p, v := range lanes {
		VMOVUPD(bits.Offset(p*s.bytes), v)
	}
	return func(part int, v reg.VecVirtual, sums Mem) {
		mask, low, wide := GP64(), XMM(), YMM()
		MOVBQZX(Mem{Base: masks}, mask)
		VMOVQ(mask, low)
		VPBROADCASTQ(low, wide)
		VPAND(lanes[part], wide, wide)
		VPCMPEQQ(lanes[part], wide, wide)
		VANDPD(wide, v, v)
		VADDPD(sums, v, v)
		VMOVUPD(v, sums)
	}
}
