package parallel

import (
	"runtime"
	"testing"
)

func TestEveryBlockRunsOnce(t *testing.T) {
	for _, procs := range []int{1, 2, 8} {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
		for _, n := range []int{0, 1, 7, 1000} {
			seen := make([]int, n)
			Blocks(n, 3, func(_, lo, hi int) {
				For(hi-lo, func(i int) { seen[lo+i]++ }) // nested: sequential, so no race
			})
			for i, c := range seen {
				if c != 1 {
					t.Fatalf("procs %d, n %d: index %d ran %d times", procs, n, i, c)
				}
			}
		}
	}
}

// A panic in any worker reaches the caller, and later loops run.
func TestPanicReachesTheCaller(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	for range 20 {
		func() {
			defer func() {
				if r := recover(); r != "block 7" {
					t.Errorf("recovered %v, want block 7", r)
				}
			}()
			For(16, func(i int) {
				if i == 7 {
					panic("block 7")
				}
			})
		}()
	}
	TestEveryBlockRunsOnce(t)
}
