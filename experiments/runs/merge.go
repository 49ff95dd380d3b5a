package runs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/venn-adapt/venn/reports"
)

// merge keeps the first of the runs of one job of one study. Others of it that came from
// other folders or machines have to say the same; every conflict is a line of the error.
func merge(runs []reports.Run) ([]reports.Run, error) {
	type job struct{ name, id string }
	first := map[job]reports.Run{}
	var out []reports.Run
	var conflicts []error
	for _, run := range runs {
		r := &run.Results
		key := job{r.Name, r.Job}
		kept, there := first[key]
		if !there || r.Job == "" {
			first[key] = run
			out = append(out, run)
			continue
		}
		how, err := conflict(&kept.Results, r)
		if err != nil {
			return nil, err
		}
		if how != "" {
			conflicts = append(conflicts, fmt.Errorf("experiments: job %s of %s (%s) has other results in %s than in %s: %s; leave one of them out",
				r.Job, r.Name, r.JobName(), run.Dir, kept.Dir, how))
		}
	}
	return out, errors.Join(conflicts...)
}

// conflict says how results of one job differ, "" where they do not.
func conflict(a, b *reports.Results) (string, error) {
	x, err := json.Marshal(a)
	y, also := json.Marshal(b)
	switch {
	case err != nil || also != nil:
		return "", fmt.Errorf("experiments: %w", errors.Join(err, also))
	case bytes.Equal(x, y):
		return "", nil
	case a.Evaluation != b.Evaluation:
		return fmt.Sprintf("of evaluation %s and %s", b.Evaluation, a.Evaluation), nil
	case a.Kernels != b.Kernels:
		return fmt.Sprintf("made by kernels %s and %s", b.Kernels, a.Kernels), nil
	}
	return "the files differ", nil
}
