package runs

import (
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"

	states "github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/internal/check"
)

// Two runs that differ in an option, a seed and an accuracy, and nothing else.
func TestDiff(t *testing.T) {
	d := newDesk(t)
	out := d.study(d.folder, "seeds=[0, 1, 9]")
	a, b := out[0].Dir, d.study(d.folder, "name=other", "seeds=[1]", "model.separate=8")[0].Dir
	text, err := d.say("diff", a, b, "--json")
	var found []states.Difference
	if err := errors.Join(err, json.Unmarshal([]byte(text), &found)); err != nil {
		t.Fatal(err)
	}
	check.Equal(t, "differences", found, "[{option name toy other} {option seeds [0] [1]} {option model.separate 4 8} {result accuracy network own last step target accuracy 0.5 0.75}]")
	text, err = d.say("diff", a, filepath.Base(b)[:8])
	lines := strings.Split(text, "\n")
	if err != nil || len(lines) != 7 || lines[0] != "kind | name | "+a+" | "+b || lines[3] != "option | model.separate | 4 | 8" || lines[5] != "4 differences; 1 results are the same" {
		t.Errorf("%v\n%s", err, text)
	}
	text, err = d.say("diff", a, a)
	check.Equal(t, "of itself", []any{text, err}, "[0 differences; 2 results are the same\n <nil>]")
	text, err = d.say("diff", a, out[2].Dir)
	if err != nil || text != "kind | name | "+a+" | "+out[2].Dir+"\noption | seeds | [0] | [9]\n1 differences; 0 results are the same\n" ||
		d.err.String() != "venn: no results to compare: "+out[2].Dir+" is failed\n" {
		t.Errorf("with one that failed: %v\n%s%s", err, text, d.err.String())
	}
	for args, want := range map[string]string{
		"diff x":     "runs diff: 1 arguments, want two runs: directories, or the beginnings of the names of jobs",
		"diff zz yy": "runs diff: zz: neither a run directory nor the beginning of a job's name below " + d.folder + "; `venn runs` lists them",
	} {
		if _, err := d.say(strings.Fields(args)...); !errors.Is(err, errUsage) || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s: %v", args, err)
		}
	}
	if _, err := d.say("diff", "", a); !errors.Is(err, errUsage) || !strings.Contains(err.Error(), "4 runs begin so") {
		t.Error(err)
	}
}
