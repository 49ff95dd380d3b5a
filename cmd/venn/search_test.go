package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// halvedSpec is a search of four trials of a small network, with rungs at steps 2 and 4 of 8.
const halvedSpec = `name: halved
domains: {a: {dataset: folder, path: own}, b: {dataset: folder, path: own}}
image: {size: 28, channels: 1}
model: {method: source-only, backbone: p-small, train: {iterations: 8, batch: 4, log_every: 1, checkpoint_every: 3}}
search: {trials: 4, by: entropy, over: {model.train.learning_rate: log 1e-4..1e-1}, halving: {first: 2}}
adapt: {classifiers: [centroid], baselines: [], along: 2, validators: [entropy, source-accuracy]}
metrics: {independence: {tests: []}, discrepancy: {tests: []}}
translate: {pairs: 0, grid: 1, steps: 2}
report: {formats: [csv]}
`

// A search with successive halving that is killed at any moment, and gone on with by run or by
// resume, ends with the same trials done and stopped, and the same bytes in every file of theirs.
func TestHalvingKilledAnywhere(t *testing.T) {
	sandbox(t)
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	write(t, "halved.yaml", halvedSpec)
	for d, split := range []string{"trainA", "trainB", "testA", "testB"} {
		for i := range 16 {
			drawFace(t, fmt.Sprintf("own/%s/%d/%d.png", split, i%2, i), 16+i, 16+d, i)
		}
	}
	trials := func(folder string) map[string]string {
		all := contents(t, folder)
		for name := range all {
			if strings.HasPrefix(name, "report/") { // it tells times
				delete(all, name)
			}
		}
		return all
	}
	begun := time.Now()
	out := finish(t, here, nil, exitOK, "run", "halved.yaml", "--runs", "whole", "-j", "2")
	whole := time.Since(begun)
	if strings.Count(out, ": stopped at rung 1 of 2 (step 2)\n") != 2 || strings.Count(out, ": stopped at rung 2 of 2 (step 4)\n") != 1 || strings.Count(out, ": done\n") != 1 || !strings.Contains(out, "1 of 4") {
		t.Fatalf("not one trial done, two stopped at the first rung and one at the second:\n%s", out)
	}
	want := trials("whole/halved")
	r := rand.New(rand.NewPCG(18, 1))
	for i := range kills(t) / 3 {
		if err := os.RemoveAll("work"); err != nil {
			t.Fatal(err)
		}
		for range 1 + r.IntN(3) {
			args := []string{"run", "halved.yaml", "--runs", "work", "-j", "2"}
			if found, _ := filepath.Glob("work/halved/*/status.json"); len(found) == 4 && r.IntN(2) == 0 {
				args = []string{"resume", "--runs", "work"}
			}
			cmd, _ := program(here, nil, args...)
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Duration(r.Int64N(int64(whole))))
			_ = cmd.Process.Kill() // it may have ended, which the comparison allows
			_ = cmd.Wait()
		}
		again := []string{"resume", "halved"}
		if found, _ := filepath.Glob("work/halved/*/status.json"); len(found) < 4 || i%2 == 0 {
			again = []string{"run", "halved.yaml"}
		}
		finish(t, here, nil, exitOK, append(again, "--runs", "work")...)
		got := trials("work/halved")
		for name, text := range want {
			if got[name] != text {
				t.Errorf("kill %d, %s: %s has other bytes", i, again[0], name)
			}
		}
		for name := range got {
			if _, ok := want[name]; !ok {
				t.Errorf("kill %d, %s: left %s", i, again[0], name)
			}
		}
	}
}
