package kernels

import (
	"time"

	"github.com/venn-adapt/venn/internal/parallel"
)

// peakOps is how many operations one round of an engine's peak loop makes.
const peakChains = 12

// PeakRate measures the float32 multiply-adds that this processor's registers can
// do on the given number of threads, in operations a second (an addition and a
// product are two): the best of a few rounds that together take about span.
func PeakRate(threads int, span time.Duration) float64 {
	const rounds, n = 5, 1 << 16
	perRound := float64(2 * peakChains * engine32.peakLanes * n * threads)
	return best(rounds, span, perRound, func() {
		parallel.For(threads, func(int) { engine32.peak(n) })
	})
}

// ReadRate measures how fast memory beyond every cache is read on the given number
// of threads, in bytes a second.
func ReadRate(threads int, span time.Duration) float64 {
	const values = 1 << 24 // 64 MiB a thread
	x := make([]float32, threads*values)
	for i := range x {
		x[i] = 1
	}
	return best(5, span, float64(4*len(x)), func() {
		parallel.For(threads, func(t int) { engine32.sum(x[t*values : (t+1)*values]) })
	})
}

// best runs do again and again for about span in all, in rounds, and returns the
// highest rate of a round: work a call over seconds a call.
func best(rounds int, span time.Duration, work float64, do func()) float64 {
	var rate float64
	for range rounds {
		calls, start := 0, time.Now()
		for time.Since(start) < span/time.Duration(rounds) {
			do()
			calls++
		}
		rate = max(rate, float64(calls)*work/time.Since(start).Seconds())
	}
	return rate
}
