package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// readEquivalent reads the mutants that change nothing that anybody could see: a line
// "KEY -- reason" each; lines that begin with # are comments.
func readEquivalent(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("mutants: %w", err)
	}
	defer f.Close()
	out := map[string]string{}
	scanner := bufio.NewScanner(f)
	scanner.Buffer(nil, 1<<20)
	for n := 1; scanner.Scan(); n++ {
		line := strings.TrimSpace(scanner.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndex(line, " -- ")
		if at < 0 || strings.TrimSpace(line[at+4:]) == "" {
			return nil, fmt.Errorf("mutants: %s:%d: no reason; want KEY -- reason", path, n)
		}
		out[line[:at]] = strings.TrimSpace(line[at+4:])
	}
	return out, scanner.Err()
}

// summary prints the survivors and, for each package, the share that was caught.
func summary(verdicts []verdict, least float64, out io.Writer) error {
	type tally struct{ caught, all, unreached int }
	by := map[string]*tally{}
	total := tally{}
	for _, v := range verdicts {
		dir := filepath.Dir(v.File)
		if by[dir] == nil {
			by[dir] = &tally{}
		}
		for _, t := range []*tally{by[dir], &total} {
			t.all++
			if v.caught {
				t.caught++
			} else if !v.reached {
				t.unreached++
			}
		}
		if !v.caught {
			note := ""
			if !v.reached {
				note = " (no test reaches it)"
			}
			fmt.Fprintf(out, "%s:%d: %s%s\n", v.File, v.Line, v.Key(), note)
		}
	}
	for _, dir := range slices.Sorted(maps.Keys(by)) {
		t := by[dir]
		fmt.Fprintf(out, "%-32s %5d of %5d caught, %.3f; %d not reached\n", dir, t.caught, t.all, float64(t.caught)/float64(t.all), t.unreached)
	}
	if total.all == 0 {
		return errors.New("mutants: no mutant chosen")
	}
	share := float64(total.caught) / float64(total.all)
	fmt.Fprintf(out, "%-32s %5d of %5d caught, %.3f; %d not reached\n", "all", total.caught, total.all, share, total.unreached)
	if share < least {
		return fmt.Errorf("mutants: %.3f of the seeded faults were caught, want %.3f", share, least)
	}
	return nil
}
