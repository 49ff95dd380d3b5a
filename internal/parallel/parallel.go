// Package parallel runs loops over fixed blocks on several processors.
//
// The blocks are cut by the caller from the shape of the work, never from the
// number of processors, and each block writes only its own cells, so that results
// are the same bytes whatever the number of workers. Calls from inside a block
// run sequentially: nested loops do not oversubscribe.
package parallel

import (
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
)

var (
	limit atomic.Int64 // 0: GOMAXPROCS
	busy  atomic.Bool  // a loop is running: an inner or concurrent one is sequential
)

func init() {
	if n, err := strconv.Atoi(os.Getenv("VENN_THREADS")); err == nil && n > 0 {
		SetThreads(n)
	}
}

// SetThreads bounds the number of workers; 0 means GOMAXPROCS.
func SetThreads(n int) { limit.Store(int64(n)) }

// Limit is what SetThreads set.
func Limit() int { return int(limit.Load()) }

// Threads returns the number of workers that a loop uses.
func Threads() int {
	procs := runtime.GOMAXPROCS(0)
	if n := int(limit.Load()); n > 0 {
		return min(n, procs)
	}
	return procs
}

// For calls do(i) for every i in [0, n), in any order, and returns when all calls
// have. The calls must write to disjoint memory. A panic of a call reaches the
// caller, who can recover it.
func For(n int, do func(i int)) {
	workers := min(Threads(), n)
	if workers <= 1 || !busy.CompareAndSwap(false, true) {
		for i := range n {
			do(i)
		}
		return
	}
	defer busy.Store(false)
	l := start(n, workers-1, do)
	last := l.work()
	current.Store(nil) // all calls are taken
	if !last {
		l.wait()
	}
	if r := l.fault.Load(); r != nil {
		panic(*r)
	}
}

// Blocks cuts [0, n) into blocks of the given size (the last may be shorter) and
// calls do(block, lo, hi) for each as For does.
func Blocks(n, size int, do func(block, lo, hi int)) {
	For((n+size-1)/size, func(b int) { do(b, b*size, min(n, (b+1)*size)) })
}

// Each calls do(i) for every i in [0, n) as For does, in blocks of 16: for small work.
func Each(n int, do func(i int)) {
	Blocks(n, 16, func(_, lo, hi int) {
		for i := lo; i < hi; i++ {
			do(i)
		}
	})
}
