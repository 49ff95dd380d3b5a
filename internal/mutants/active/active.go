// Package active holds the switches of seeded faults. The tool in the folder above
// rewrites the program so that every place where a fault can sit calls a function of this
// package, compiles it once, and then runs tests with one fault switched on at a time.
// The program itself never imports it.
//
// Each function does what the original code did, unless its fault is the one that the
// environment variable VENN_MUTANT names. A place that can carry several faults has ids in
// a row, from id on.
package active

import (
	"cmp"
	"fmt"
	"math"
	"os"
	"strconv"
	"syscall"
)

// The environment of a run under faults: the fault that is on, and the file, a byte a
// fault, in which faults that are reached leave a mark.
const (
	MutantVariable = "VENN_MUTANT"
	CoverVariable  = "VENN_MUTANT_COVER"
)

const covering = -1

var (
	on    int
	cover []byte
)

func init() {
	if path := os.Getenv(CoverVariable); path != "" {
		if err := openCover(path); err != nil {
			fmt.Fprintln(os.Stderr, "mutants:", err)
			os.Exit(2)
		}
		on = covering
	}
	if text := os.Getenv(MutantVariable); text != "" {
		id, err := strconv.Atoi(text)
		if err != nil || id < 1 {
			fmt.Fprintf(os.Stderr, "mutants: %s: %q, want a number from 1\n", MutantVariable, text)
			os.Exit(2)
		}
		on = id
	}
}

// openCover maps the file into memory, so that marks outlive any end of the process.
func openCover(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	cover, err = syscall.Mmap(int(f.Fd()), 0, int(info.Size()), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	return err
}

// is says whether fault id is on, and marks it as reached.
func is(id int) bool {
	if on == covering {
		cover[id] = 1
		return false
	}
	return on == id
}

// A Number is anything that arithmetic works on.
type Number interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr | ~float32 | ~float64
}

// Add is a + b; its fault a - b.
func Add[T Number](id int, a, b T) T {
	if on != 0 && is(id) {
		return a - b
	}
	return a + b
}

// Sub is a - b; its fault a + b.
func Sub[T Number](id int, a, b T) T {
	if on != 0 && is(id) {
		return a + b
	}
	return a - b
}

// Other is a - b, as in 1 - side; its fault b, the same side.
func Other[T Number](id int, a, b T) T {
	if on != 0 && is(id) {
		return b
	}
	return a - b
}

// Mul is a * b; its fault a / b.
func Mul[T Number](id int, a, b T) T {
	if on != 0 && is(id) {
		return a / b
	}
	return a * b
}

// Div is a / b; its fault a * b.
func Div[T Number](id int, a, b T) T {
	if on != 0 && is(id) {
		return a * b
	}
	return a / b
}

// Rem is a % b; its fault a.
func Rem[T ~int | ~int32 | ~int64 | ~uint | ~uint8 | ~uint32 | ~uint64](id int, a, b T) T {
	if on != 0 && is(id) {
		return a
	}
	return a % b
}

// Neg is -a; its fault a.
func Neg[T Number](id int, a T) T {
	if on != 0 && is(id) {
		return a
	}
	return -a
}

// Less is a < b; its faults a <= b and a >= b.
func Less[T cmp.Ordered](id int, a, b T) bool {
	if on != 0 {
		if is(id) {
			return a <= b
		}
		if is(id + 1) {
			return a >= b
		}
	}
	return a < b
}

// LessEqual is a <= b; its faults a < b and a > b.
func LessEqual[T cmp.Ordered](id int, a, b T) bool {
	if on != 0 {
		if is(id) {
			return a < b
		}
		if is(id + 1) {
			return a > b
		}
	}
	return a <= b
}

// Greater is a > b; its faults a >= b and a <= b.
func Greater[T cmp.Ordered](id int, a, b T) bool {
	if on != 0 {
		if is(id) {
			return a >= b
		}
		if is(id + 1) {
			return a <= b
		}
	}
	return a > b
}

// GreaterEqual is a >= b; its faults a > b and a < b.
func GreaterEqual[T cmp.Ordered](id int, a, b T) bool {
	if on != 0 {
		if is(id) {
			return a > b
		}
		if is(id + 1) {
			return a < b
		}
	}
	return a >= b
}

// Flip is v; its fault the opposite.
func Flip(id int, v bool) bool {
	if on != 0 && is(id) {
		return !v
	}
	return v
}

// And is a && b(); its fault a || b().
func And(id int, a bool, b func() bool) bool {
	if on != 0 && is(id) {
		return a || b()
	}
	return a && b()
}

// Or is a || b(); its fault a && b().
func Or(id int, a bool, b func() bool) bool {
	if on != 0 && is(id) {
		return a && b()
	}
	return a || b()
}

// Keep says whether a statement is done; its fault drops it.
func Keep(id int) bool { return on == 0 || !is(id) }

// Zero is v; its fault the zero value.
func Zero[T any](id int, v T) T {
	if on != 0 && is(id) {
		var zero T
		return zero
	}
	return v
}

// Pick is right; its fault wrong.
func Pick[T any](id int, right, wrong T) T {
	if on != 0 && is(id) {
		return wrong
	}
	return right
}

// Constant is v; its fault 1 for 0, 0 for 1, twice a fraction, and one more otherwise.
func Constant[T Number](id int, v T) T {
	if on != 0 && is(id) {
		switch {
		case v == 0:
			return 1
		case v == 1:
			return 0
		case math.Floor(float64(v)) != float64(v):
			return v * 2
		}
		return v + 1
	}
	return v
}
