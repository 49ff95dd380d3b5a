package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// An element is the type that a tile is made of.
type element struct {
	typ       string
	bytes     int
	load      func(ops ...Op)
	broadcast func(ops ...Op)
	fma       func(ops ...Op)
	add       func(ops ...Op)
}

var (
	f32 = element{"float32", 4, VMOVUPS, VBROADCASTSS, VFMADD231PS, VADDPS}
	f64 = element{"float64", 8, VMOVUPD, VBROADCASTSD, VFMADD231PD, VADDPD}
)

// scale turns a count of elements in r into bytes.
func (e element) scale(r reg.Register) {
	shift := uint64(2)
	if e.bytes == 8 {
		shift = 3
	}
	SHLQ(Imm(shift), r)
}

// tile writes the product whose operands both run over the same places: an mr x
// columns tile of C is held in registers while three nested loops run, each step
// loading a row of B, in registers of the given sets, none wider than s, and
// broadcasting mr neighbouring values of A.
func (s set) tile(name string, mr int, e element, columns ...set) {
	TEXT(name, NOSPLIT, fmt.Sprintf("func(n, rows, k int, a *%[1]s, an, ar, as int, b *%[1]s, bs int, c *%[1]s, ldc int, add bool)", e.typ))
	Doc(fmt.Sprintf("%s sets the %dx%d tile c, or adds to it, to the sum over n x rows x k places of a column of a times a row of b.", name, mr, width(columns)/e.bytes))
	sums, loaded := registers(mr, columns)
	value := s.vectors(2)

	aSample, b := Load(Param("a"), GP64()), Load(Param("b"), GP64())
	as, ar := Load(Param("as"), GP64()), Load(Param("ar"), GP64())
	bs := Load(Param("bs"), GP64())
	e.scale(as)
	e.scale(ar)
	e.scale(bs)
	n := Load(Param("n"), GP64())
	sampleLoop, rowLoop, loop, done := name+"_sample", name+"_row", name+"_loop", name+"_done"
	TESTQ(n, n)
	JZ(LabelRef(done))
	Label(sampleLoop)
	aRow := GP64()
	MOVQ(aSample, aRow)
	rows := Load(Param("rows"), GP64())
	Label(rowLoop)
	a := GP64()
	MOVQ(aRow, a)
	k := Load(Param("k"), GP64())
	Label(loop)
	for j, v := range loaded {
		e.load(Mem{Base: b, Disp: j * s.bytes}, v)
	}
	for i := range mr {
		v := value[i%2]
		e.broadcast(Mem{Base: a, Disp: e.bytes * i}, v)
		for j, c := range columns {
			e.fma(loaded[j], c.of(v), sums[i*len(columns)+j])
		}
	}
	ADDQ(as, a)
	ADDQ(bs, b)
	DECQ(k)
	JNZ(LabelRef(loop))
	ADDQ(ar, aRow)
	DECQ(rows)
	JNZ(LabelRef(rowLoop))
	an := Load(Param("an"), GP64())
	e.scale(an)
	ADDQ(an, aSample)
	DECQ(n)
	JNZ(LabelRef(sampleLoop))

	Label(done)
	c, ldc := Load(Param("c"), GP64()), Load(Param("ldc"), GP64())
	e.scale(ldc)
	add := Load(Param("add"), GP8())
	TESTB(add, add)
	set := name + "_set"
	JZ(LabelRef(set))
	at := GP64()
	MOVQ(c, at)
	for i := range mr {
		for j := range columns {
			v := sums[i*len(columns)+j]
			e.add(Mem{Base: at, Disp: j * s.bytes}, v, v)
		}
		ADDQ(ldc, at)
	}
	Label(set)
	for i := range mr {
		for j := range columns {
			e.load(sums[i*len(columns)+j], Mem{Base: c, Disp: j * s.bytes})
		}
		ADDQ(ldc, c)
	}
	VZEROUPPER()
	RET()
}

// width is that of columns, in bytes.
func width(columns []set) (bytes int) {
	for _, c := range columns {
		bytes += c.bytes
	}
	return bytes
}

// registers are zeroed sums of mr rows of columns, and one row to load.
func registers(mr int, columns []set) (sums, loaded []reg.VecVirtual) {
	for range mr {
		for _, c := range columns {
			sums = append(sums, c.vectors(1)...)
		}
	}
	for i, v := range sums {
		columns[i%len(columns)].zero(v)
	}
	for _, c := range columns {
		loaded = append(loaded, c.vectors(1)...)
	}
	return sums, loaded
}

// rows writes the product whose left operand is read where it lies: row i of the
// tile reads k neighbouring values of A from an offset of its own, for each of
// `runs` runs, while the packed B goes by, of which `skip` values are left out after
// each run. Row i of the result goes to an offset of its own too. The columns of B are registers of the given sets, none wider than s.
func (s set) rows(name string, mr int, columns ...set) {
	TEXT(name, NOSPLIT, "func(runs, k, skip int, a *float32, at *int32, b *float32, c *float32, ct *int32, add bool)")
	Doc(fmt.Sprintf("%s sets %d rows of c, at offsets ct, or adds to them: sums over runs x k of a, read from offsets at, times the rows of %d of b, of which it leaves out skip values after each run.", name, mr, width(columns)/4))
	sums, loaded := registers(mr, columns)
	value := s.vectors(2)
	locals := AllocLocal(16)
	left, table := locals, locals.Offset(8)
	limit := NewParamAddr("k", 8)

	runs := Load(Param("runs"), GP64())
	MOVQ(runs, left)
	b := Load(Param("b"), GP64())
	offsets := Load(Param("at"), GP64())
	runLoop, loop, done := name+"_run", name+"_loop", name+"_done"
	TESTQ(runs, runs)
	JZ(LabelRef(done))
	Label(runLoop)
	a := Load(Param("a"), GP64())
	row := make([]reg.GPVirtual, mr)
	for i := range row {
		row[i] = GP64()
		MOVLQSX(Mem{Base: offsets, Disp: 4 * i}, row[i])
		LEAQ(Mem{Base: a, Index: row[i], Scale: 4}, row[i])
	}
	ADDQ(Imm(uint64(4*mr)), offsets)
	MOVQ(offsets, table)
	k := GP64()
	XORQ(k, k)
	Label(loop)
	for j, v := range loaded {
		VMOVUPS(Mem{Base: b, Disp: j * s.bytes}, v)
	}
	for i := range mr {
		v := value[i%2]
		VBROADCASTSS(Mem{Base: row[i], Index: k, Scale: 4}, v)
		for j, c := range columns {
			VFMADD231PS(loaded[j], c.of(v), sums[i*len(columns)+j])
		}
	}
	ADDQ(U32(uint32(width(columns))), b)
	INCQ(k)
	CMPQ(k, limit)
	JNE(LabelRef(loop))
	MOVQ(table, offsets)
	skip := Load(Param("skip"), GP64())
	LEAQ(Mem{Base: b, Index: skip, Scale: 4}, b)
	DECQ(left)
	JNZ(LabelRef(runLoop))

	Label(done)
	c, ct := Load(Param("c"), GP64()), Load(Param("ct"), GP64())
	add := Load(Param("add"), GP8())
	TESTB(add, add)
	set := name + "_set"
	JZ(LabelRef(set))
	to := GP64()
	for i := range mr {
		MOVLQSX(Mem{Base: ct, Disp: 4 * i}, to)
		for j := range columns {
			v := sums[i*len(columns)+j]
			VADDPS(Mem{Base: c, Index: to, Scale: 4, Disp: j * s.bytes}, v, v)
		}
	}
	Label(set)
	for i := range mr {
		MOVLQSX(Mem{Base: ct, Disp: 4 * i}, to)
		for j := range columns {
			VMOVUPS(sums[i*len(columns)+j], Mem{Base: c, Index: to, Scale: 4, Disp: j * s.bytes})
		}
	}
	VZEROUPPER()
	RET()
}
