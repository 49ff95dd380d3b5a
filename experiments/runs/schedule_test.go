package runs

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"
)

// Tasks that wait for others come again until none of them moves, and are told of in the plan's order, whatever the order in
// which they were seen to wait. One that has ended does not come again.
func TestWaitingTasksInOrder(t *testing.T) {
	const n = 4
	var mu sync.Mutex
	tried := make([]int, n)
	do := func(_ context.Context, task Task) Outcome {
		mu.Lock()
		tried[task.Index]++
		last := task.Index == 2 && tried[task.Index] == 2
		mu.Unlock()
		time.Sleep(time.Duration(n-task.Index) * 10 * time.Millisecond) // the last of the plan first
		out := task.outcome()
		if out.State, out.Where = Waiting, "at a rung"; last {
			out.State = Done
		}
		return out
	}
	tasks := make([]Task, n)
	for i := range tasks {
		tasks[i].Index = i
	}
	var ended []int
	Schedule(t.Context(), tasks, n, nil, do, func(task Task, _ Outcome) { ended = append(ended, task.Index) })
	if want := []int{2, 0, 1, 3}; !slices.Equal(ended, want) {
		t.Errorf("ended %v, want %v", ended, want)
	}
	if want := []int{3, 3, 2, 3}; !slices.Equal(tried, want) { // in the third round none moves
		t.Errorf("tried %v times, want %v", tried, want)
	}
}
