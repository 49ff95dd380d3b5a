package launch

import (
	"fmt"
	"strconv"
	"strings"
)

// slurmStates reads a line a task, or several tasks of one array: their name and their state, of which only the first word
// counts.
func slurmStates(text, between string) map[string]string {
	out := map[string]string{}
	for _, line := range strings.Split(text, "\n") {
		name, state, _ := strings.Cut(strings.TrimSpace(line), between)
		state, _, _ = strings.Cut(state, " ") // CANCELLED by 1000
		for _, task := range arrayTasks(name) {
			out[task] = strings.TrimSuffix(state, "+")
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
