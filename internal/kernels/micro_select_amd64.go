//go:build amd64 && !purego

package kernels

import (
	"fmt"
	"os"

	"golang.org/x/sys/cpu"
)

//go:generate go run ./gen -out micro_amd64.s -stubs micro_amd64.go -pkg kernels

// init picks the widest micro-kernel that the processor has. VENN_KERNELS=go,
// avx2 or avx512 asks for one by name, for tests and comparisons; a name that the
// processor cannot run stops the program.
func init() {
	has512 := cpu.X86.HasAVX512F && cpu.X86.HasAVX512VL
	has2 := cpu.X86.HasAVX2 && cpu.X86.HasFMA
	want := os.Getenv("VENN_KERNELS")
	switch {
	case want == "go":
	case has512 && (want == "" || want == "avx512"):
		micro32 = micro[float32]{"avx512", 12, 32, runWith(microAVX512)}
	case has2 && (want == "" || want == "avx2"):
		micro32 = micro[float32]{"avx2", 6, 16, runWith(microAVX2)}
	case want != "":
		fmt.Fprintf(os.Stderr, "VENN_KERNELS=%s: this processor cannot run it; want go%s\n", want, map[bool]string{true: " or avx2", false: ""}[has2])
		os.Exit(2)
	}
}

func runWith(asm func(k int, a, b, c *float32, ldc int)) func(k int, a, b, c []float32, ldc int) {
	return func(k int, a, b, c []float32, ldc int) {
		if k > 0 {
			asm(k, &a[0], &b[0], &c[0], ldc)
		}
	}
}
