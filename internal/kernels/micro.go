package kernels

// A micro is the innermost matrix product: it adds to the mr x nr tile c, whose
// rows are ldc apart, the product of a packed mr-row panel (k groups of mr) and a
// packed nr-column panel (k groups of nr).
type micro[F Float] struct {
	name   string
	mr, nr int
	run    func(k int, a, b, c []F, ldc int)
}

// The micro-kernels in use; init of a processor's file may replace micro32.
var (
	micro32 = micro[float32]{"go", 4, 4, microGo[float32]}
	micro64 = micro[float64]{"go", 4, 4, microGo[float64]}
)

func microOf[F Float]() *micro[F] {
	if m, ok := any(&micro32).(*micro[F]); ok {
		return m
	}
	return any(&micro64).(*micro[F])
}

// Path names the micro-kernel that float32 products use: "avx512", "avx2" or "go".
func Path() string { return micro32.name }

// microGo is the plain 4 x 4 micro-kernel: sixteen sums held in registers.
func microGo[F Float](k int, a, b, c []F, ldc int) {
	var c00, c01, c02, c03, c10, c11, c12, c13 F
	var c20, c21, c22, c23, c30, c31, c32, c33 F
	a, b = a[:4*k], b[:4*k]
	for len(a) >= 4 && len(b) >= 4 {
		a0, a1, a2, a3 := a[0], a[1], a[2], a[3]
		b0, b1, b2, b3 := b[0], b[1], b[2], b[3]
		c00, c01, c02, c03 = c00+a0*b0, c01+a0*b1, c02+a0*b2, c03+a0*b3
		c10, c11, c12, c13 = c10+a1*b0, c11+a1*b1, c12+a1*b2, c13+a1*b3
		c20, c21, c22, c23 = c20+a2*b0, c21+a2*b1, c22+a2*b2, c23+a2*b3
		c30, c31, c32, c33 = c30+a3*b0, c31+a3*b1, c32+a3*b2, c33+a3*b3
		a, b = a[4:], b[4:]
	}
	add := func(row []F, v0, v1, v2, v3 F) {
		row = row[:4]
		row[0], row[1], row[2], row[3] = row[0]+v0, row[1]+v1, row[2]+v2, row[3]+v3
	}
	add(c, c00, c01, c02, c03)
	add(c[ldc:], c10, c11, c12, c13)
	add(c[2*ldc:], c20, c21, c22, c23)
	add(c[3*ldc:], c30, c31, c32, c33)
}
