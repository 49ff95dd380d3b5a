package parallel

import (
	"math/rand/v2"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
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

// Callers and helpers that are late, by less or more than they stay awake for each
// other, meet in every order.
func TestLateCalls(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	r := rand.New(rand.NewPCG(1, 1))
	for round := range 300 {
		var late [3]time.Duration
		for i := range late {
			late[i] = time.Duration(r.IntN(3)) * awake
		}
		var calls atomic.Int64
		For(len(late), func(i int) {
			time.Sleep(late[i])
			calls.Add(1)
		})
		if calls.Load() != int64(len(late)) {
			t.Fatalf("round %d: For returned after %d of %d calls", round, calls.Load(), len(late))
		}
		time.Sleep(time.Duration(r.IntN(3)) * awake)
	}
}

// No more calls run at a time than SetThreads allows, though more helpers exist.
func TestSetThreadsBoundsCalls(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(8))
	defer SetThreads(Limit())
	for _, limit := range []int{8, 2, 1, 3} {
		SetThreads(limit)
		var running, most atomic.Int64
		For(40, func(int) {
			n := running.Add(1)
			for seen := most.Load(); n > seen && !most.CompareAndSwap(seen, n); seen = most.Load() {
			}
			time.Sleep(100 * time.Microsecond)
			running.Add(-1)
		})
		if most.Load() > int64(limit) {
			t.Errorf("%d calls ran at a time, want at most %d", most.Load(), limit)
		}
	}
}
