package parallel

import (
	"runtime"
	"sync/atomic"
	"time"
)

// A step of training is hundreds of loops, some of them of a tenth of a millisecond,
// and to wake a sleeping thread takes a good part of that. So the helpers of loops are
// kept, and stay awake for a while after a loop, as does a caller whose helpers are not
// done yet.
const awake = 100 * time.Microsecond

// A loop is a call of For under way.
type loop struct {
	number int64 // from 1
	n      int
	do     func(i int)
	seats  atomic.Int64        // of helpers that may still join
	next   atomic.Int64        // call to be made
	done   atomic.Int64        // calls that have returned
	over   chan struct{}       // gets a value when a helper's call was the last to return
	fault  atomic.Pointer[any] // a panic of a call
}

var (
	current atomic.Pointer[loop] // that helpers may join
	asleep  atomic.Int64         // helpers
	wake    = make(chan struct{}, 1024)
	// Only For's caller that holds busy touches these two.
	started int64 // loops
	helpers int
)

// start begins a loop that helpers join; the caller holds busy.
func start(n, seats int, do func(i int)) *loop {
	started++
	l := &loop{number: started, n: n, do: do, over: make(chan struct{}, 1)}
	l.seats.Store(int64(seats))
	for ; helpers < seats; helpers++ {
		go help()
	}
	current.Store(l)
	for range min(int(asleep.Load()), seats) {
		select {
		case wake <- struct{}{}:
		default: // as many have been called as there can be
		}
	}
	return l
}

// help joins one loop after the other.
func help() {
	var last int64
	for {
		l := following(last)
		last = l.number
		if l.seats.Add(-1) >= 0 && l.work() {
			l.over <- struct{}{}
		}
	}
}

// following waits for a loop after the last one.
func following(last int64) (l *loop) {
	came := func() bool {
		l = current.Load()
		return l != nil && l.number > last
	}
	for !spin(came) {
		asleep.Add(1)
		if !came() { // else nobody may have seen that this one sleeps
			<-wake
		}
		asleep.Add(-1)
	}
	return l
}

// spin waits for a while without giving up the processor, and says whether it came.
func spin(came func() bool) bool {
	for start := time.Now(); ; runtime.Gosched() {
		for range 64 {
			if came() {
				return true
			}
		}
		if time.Since(start) > awake {
			return false
		}
	}
}

// work makes calls until all are taken, and says whether its own was the last of all
// to return.
func (l *loop) work() (last bool) {
	var made int64
	for i := int(l.next.Add(1)) - 1; i < l.n; i = int(l.next.Add(1)) - 1 {
		l.call(i)
		made++
	}
	return made > 0 && l.done.Add(made) == int64(l.n)
}

func (l *loop) call(i int) {
	defer func() {
		if r := recover(); r != nil {
			l.fault.CompareAndSwap(nil, &r)
		}
	}()
	l.do(i)
}

// wait returns when all calls have, the last of them made by a helper.
func (l *loop) wait() {
	if !spin(func() bool { return l.done.Load() == int64(l.n) }) {
		<-l.over
	}
}
