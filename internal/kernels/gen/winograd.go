package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"

	"github.com/venn-adapt/venn/internal/kernels/winograd"
)

// forms writes the maps of F(4, 2) and F(4, 3) (tiled.go) and their transposes.
func (s set) forms() {
	for taps := 2; taps <= 3; taps++ {
		m := winograd.Of(4, taps)
		for _, f := range []struct {
			name string
			m    winograd.Matrix
			add  bool
		}{
			{"analyse", m.Analyse, false}, {"weigh", m.Weigh, false}, {"gather", m.Gather, false},
			{"back", m.Analyse.T(), true}, {"unweigh", m.Weigh.T(), false}, {"spread", m.Gather.T(), false},
		} {
			s.mapped(fmt.Sprintf("%sForm%d", f.name, taps), f.m, f.add)
		}
	}
}

// mapped writes a map, applied to the columns and then to the rows of a square of vectors, by way of
// the stack; its result is added to what is there, or set. n is a positive multiple of the lanes,
// strides count values.
func (s set) mapped(name string, m winograd.Matrix, add bool) {
	ins, outs := len(m[0]), len(m)
	verb := "makes"
	if add {
		verb = "adds to"
	}
	TEXT(name+s.name, 0, "func(n int, dst *float32, drow, dcol int, src *float32, srow, scol int)")
	Doc(fmt.Sprintf("%s %s %d x %d vectors of %d x %d.", name+s.name, verb, outs, outs, ins, ins))
	middle := AllocLocal(outs * ins * s.bytes)
	n, dst, src := Load(Param("n"), GP64()), Load(Param("dst"), GP64()), Load(Param("src"), GP64())
	rows, columns := s.steps("srow", ins), s.steps("dcol", outs)
	scol, drow := s.steps("scol", 1), s.steps("drow", 1)
	loop := name + "_loop"
	Label(loop)
	at := GP64()
	MOVQ(src, at)
	for j := range ins {
		s.line(m, func(i int) Mem { return rows.at(at, i) }, func(i int, v reg.VecVirtual) {
			VMOVUPS(v, middle.Offset((i*ins+j)*s.bytes))
		})
		ADDQ(scol.one, at)
	}
	MOVQ(dst, at)
	for i := range outs {
		s.line(m, func(j int) Mem { return middle.Offset((i*ins + j) * s.bytes) }, func(j int, v reg.VecVirtual) {
			if add {
				sum := s.vector()
				VADDPS(columns.at(at, j), v, sum)
				v = sum
			}
			VMOVUPS(v, columns.at(at, j))
		})
		ADDQ(drow.one, at)
	}
	ADDQ(U32(uint32(s.bytes)), dst)
	ADDQ(U32(uint32(s.bytes)), src)
	SUBQ(U32(uint32(s.lanes())), n)
	JNZ(LabelRef(loop))
	end()
}

// steps are multiples of a distance, in registers: those that addresses cannot make of the first.
type steps struct{ one, three, five reg.GPVirtual }

// steps loads a distance that is used as often as count says.
func (s set) steps(param string, count int) (d steps) {
	d.one = Load(Param(param), GP64()).(reg.GPVirtual)
	SHLQ(U8(2), d.one)
	if count > 3 {
		d.three = GP64()
		LEAQ(Mem{Base: d.one, Index: d.one, Scale: 2}, d.three)
	}
	if count > 5 {
		d.five = GP64()
		LEAQ(Mem{Base: d.one, Index: d.one, Scale: 4}, d.five)
	}
	return d
}

// at is the place i distances from base.
func (d steps) at(base reg.Register, i int) Mem {
	switch i {
	case 0:
		return Mem{Base: base}
	case 3:
		return Mem{Base: base, Index: d.three, Scale: 1}
	case 5:
		return Mem{Base: base, Index: d.five, Scale: 1}
	}
	return Mem{Base: base, Index: d.one, Scale: uint8(i)}
}

// line applies a map to a line of vectors. Inputs that every row takes with equal or opposite
// factors are added and subtracted first; of rows that are equal but for the signs of some inputs
// the equal and the opposite part are made once.
func (s set) line(m winograd.Matrix, in func(int) Mem, out func(int, reg.VecVirtual)) {
	v := s.vectors(len(m[0]))
	for i := range v {
		VMOVUPS(in(i), v[i])
	}
	m = s.paired(m, v)
	done := make([]bool, len(m))
	for i, row := range m {
		if done[i] {
			continue
		}
		k := twin(m, i, done)
		if k < 0 {
			out(i, s.combination(row, v))
			continue
		}
		done[k] = true
		equal, opposite := make([]float64, len(row)), make([]float64, len(row))
		for j, c := range row {
			if c == m[k][j] {
				equal[j] = c
			} else {
				opposite[j] = c
			}
		}
		a, b := s.combination(equal, v), s.combination(opposite, v)
		sum, difference := s.vector(), s.vector()
		VADDPS(b, a, sum)
		VSUBPS(b, a, difference)
		out(i, sum)
		out(k, difference)
	}
}

// paired replaces inputs that are taken in pairs by their sums and differences, and says how rows
// take these.
func (s set) paired(m winograd.Matrix, v []reg.VecVirtual) winograd.Matrix {
	out := make(winograd.Matrix, len(m))
	for i := range m {
		out[i] = append([]float64{}, m[i]...)
	}
	for j := range v {
		for l := j + 1; l < len(v); l++ {
			signs := map[bool]int{}
			for i := range m {
				if a, b := m[i][j], m[i][l]; a != 0 || b != 0 {
					if math.Abs(a) != math.Abs(b) {
						signs = nil
						break
					}
					signs[a == b]++
				}
			}
			if signs[true] == 0 || signs[false] == 0 {
				continue
			}
			difference := s.vector()
			VSUBPS(v[l], v[j], difference)
			VADDPS(v[l], v[j], v[j])
			v[l] = difference
			for i := range m {
				out[i][j], out[i][l] = (m[i][j]+m[i][l])/2, (m[i][j]-m[i][l])/2
			}
		}
	}
	return out
}

// twin is a later row that is like row i but for some signs; -1 where there is none.
func twin(m winograd.Matrix, i int, done []bool) int {
	for k := i + 1; k < len(m); k++ {
		same, turned, other := 0, 0, 0
		for j, c := range m[i] {
			switch {
			case c != 0 && c == m[k][j]:
				same++
			case c != 0 && c == -m[k][j]:
				turned++
			case c != m[k][j]:
				other++
			}
		}
		if !done[k] && same > 0 && turned > 0 && other == 0 {
			return k
		}
	}
	return -1
}

// combination is the sum of vectors times factors, begun with one of factor 1 where there is one.
func (s set) combination(row []float64, v []reg.VecVirtual) reg.VecVirtual {
	first := -1
	for j, c := range row {
		if c != 0 && (first < 0 || c == 1 && row[first] != 1) {
			first = j
		}
	}
	begun, sum := false, v[first]
	to := s.vector()
	if row[first] != 1 {
		VMULPS(s.factor(row[first]), v[first], to)
		begun, sum = true, to
	}
	for j, c := range row {
		switch {
		case j == first || c == 0:
			continue
		case c == 1:
			VADDPS(v[j], sum, to)
		case c == -1:
			VSUBPS(v[j], sum, to)
		default:
			if !begun {
				VMOVAPS(sum, to)
			}
			VFMADD231PS(s.factor(c), v[j], to)
		}
		begun, sum = true, to
	}
	return sum
}

var factors = map[float64]Mem{} // written so far

// factor is a constant as a vector in memory.
func (s set) factor(x float64) Mem {
	if _, ok := factors[x]; !ok {
		m := GLOBL(fmt.Sprintf("factor%d", len(factors)), RODATA|NOPTR)
		for i := range 16 {
			DATA(4*i, F32(x))
		}
		factors[x] = m
	}
	return factors[x]
}
