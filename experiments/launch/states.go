package launch

import (
	"fmt"
	"strconv"
	"strings"
)

// slurmStates reads a line a task, or several tasks of one array: their name and their state, of which only the first word
// counts. A line of a task alone counts before one of several, in which accounts that lag behind may still name it.
func slurmStates(text, between string) map[string]string {
	out, alone := map[string]string{}, map[string]bool{}
	for _, line := range strings.Split(text, "\n") {
		name, state, _ := strings.Cut(strings.TrimSpace(line), between)
		state, _, _ = strings.Cut(state, " ") // CANCELLED by 1000
		tasks := arrayTasks(name)
		for _, task := range tasks {
			if own := tasks[0] == name; own || !alone[task] {
				out[task], alone[task] = strings.TrimSuffix(state, "+"), own
			}
		}
	}
	return out
}

// arrayTasks are the names of tasks that share a line: of "12_[0,4-6,8-12:2%2]" 12_0, 12_4, 12_5, 12_6, 12_8, 12_10 and 12_12;
// the number after % is how many may run at a time. What is no such list is one name.
func arrayTasks(name string) []string {
	job, list, listed := strings.Cut(name, "_[")
	list, closed := strings.CutSuffix(list, "]")
	if !listed || !closed {
		return []string{name}
	}
	list, _, _ = strings.Cut(list, "%")
	var out []string
	for _, part := range strings.Split(list, ",") {
		span, by, stepped := strings.Cut(part, ":")
		from, to, ranged := strings.Cut(span, "-")
		if !ranged {
			to = from
		}
		step := 1
		low, err := strconv.Atoi(from)
		high, also := strconv.Atoi(to)
		if stepped {
			step, _ = strconv.Atoi(by)
		}
		if err != nil || also != nil || step < 1 || low < 0 || high >= mostTasks {
			return []string{name}
		}
		for k := low; k <= high; k += step {
			out = append(out, fmt.Sprintf("%s_%d", job, k))
		}
	}
	return out
}
