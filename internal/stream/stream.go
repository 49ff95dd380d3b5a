// Package stream gives every purpose its own reproducible source of random numbers.
//
// A stream is named by a seed and a purpose ("init/common/conv1", "order/a/epoch/3"),
// so that a new use of randomness never disturbs an old one and a stream can be
// reopened at any point without replaying what came before it.
package stream

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// New opens the stream of the purpose under the seed. The parts are joined with
// slashes; integers are printed in decimal, so New(7, "order", "a", 3) and
// New(7, "order/a/3") are one stream.
func New(seed uint64, purpose ...any) *rand.Rand {
	hi, lo := Key(seed, purpose...)
	return rand.New(rand.NewPCG(hi, lo))
}

// Key returns the 128 bits that seed the stream: the head of SHA-256 over the
// seed and the joined purpose.
func Key(seed uint64, purpose ...any) (hi, lo uint64) {
	parts := make([]string, len(purpose))
	for i, p := range purpose {
		parts[i] = fmt.Sprint(p)
	}
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], seed)
	sum := sha256.Sum256(append(b[:], strings.Join(parts, "/")...))
	return binary.LittleEndian.Uint64(sum[:8]), binary.LittleEndian.Uint64(sum[8:16])
}

// Permutation draws a permutation of 0..n-1 by Fisher-Yates from the top: for
// i = n-1 down to 1, entry i is swapped with a draw from [0, i].
func Permutation(r *rand.Rand, n int) []int {
	p := make([]int, n)
	for i := range p {
		p[i] = i
	}
	for i := n - 1; i > 0; i-- {
		j := r.IntN(i + 1)
		p[i], p[j] = p[j], p[i]
	}
	return p
}

// Direction draws a unit vector of d entries, uniform on the sphere.
func Direction(r *rand.Rand, d int) []float64 {
	v := make([]float64, d)
	var square float64
	for j := range v {
		v[j] = r.NormFloat64()
		square += v[j] * v[j]
	}
	for j := range v {
		v[j] /= math.Sqrt(square)
	}
	return v
}
