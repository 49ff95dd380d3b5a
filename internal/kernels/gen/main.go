// Command gen writes the assembly of the float32 micro-kernels (micro_amd64.s and
// its Go stubs). Run `go generate ./internal/kernels` after changing it; a test
// compares what it writes with what is committed.
package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func main() {
	ConstraintExpr("amd64,!purego")
	tile("microAVX512", 12, 2, 64, func() reg.VecVirtual { return ZMM() })
	tile("microAVX2", 6, 2, 32, func() reg.VecVirtual { return YMM() })
	Generate()
}

// tile writes one micro-kernel: an mr x (vectors·width) tile of C is held in
// registers while k runs, each step loading `vectors` registers of B and
// broadcasting mr values of A.
func tile(name string, mr, vectors, bytes int, register func() reg.VecVirtual) {
	TEXT(name, NOSPLIT, "func(k int, a, b, c *float32, ldc int)")
	Doc(fmt.Sprintf("%s adds to the %dx%d tile c, whose rows are ldc elements apart, the product of packed panels of depth k.", name, mr, vectors*bytes/4))
	k := Load(Param("k"), GP64())
	a, b, c := Load(Param("a"), GP64()), Load(Param("b"), GP64()), Load(Param("c"), GP64())
	ldc := Load(Param("ldc"), GP64())
	SHLQ(Imm(2), ldc)

	sums := make([]reg.VecVirtual, mr*vectors)
	for i := range sums {
		sums[i] = register()
		if bytes == 64 {
			VPXORD(sums[i], sums[i], sums[i])
		} else {
			VXORPS(sums[i], sums[i], sums[i])
		}
	}
	columns := make([]reg.VecVirtual, vectors)
	for j := range columns {
		columns[j] = register()
	}
	value := []reg.VecVirtual{register(), register()}

	loop, done := name+"_loop", name+"_done"
	TESTQ(k, k)
	JZ(LabelRef(done))
	Label(loop)
	for j := range columns {
		VMOVUPS(Mem{Base: b, Disp: j * bytes}, columns[j])
	}
	for i := range mr {
		v := value[i%2]
		VBROADCASTSS(Mem{Base: a, Disp: 4 * i}, v)
		for j := range columns {
			VFMADD231PS(columns[j], v, sums[i*vectors+j])
		}
	}
	ADDQ(Imm(uint64(4*mr)), a)
	ADDQ(U32(uint32(vectors*bytes)), b)
	DECQ(k)
	JNZ(LabelRef(loop))

	Label(done)
	for i := range mr {
		for j := range columns {
			at := Mem{Base: c, Disp: j * bytes}
			VADDPS(at, sums[i*vectors+j], sums[i*vectors+j])
			VMOVUPS(sums[i*vectors+j], at)
		}
		ADDQ(ldc, c)
	}
	VZEROUPPER()
	RET()
}
