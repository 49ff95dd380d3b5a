package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/venn-adapt/venn/internal/mutants/active"
)

// A test is one test function with what it reaches.
type test struct {
	suite   int
	name    string
	reached []byte // a byte a mutant
	took    time.Duration
}

var testName = regexp.MustCompile(`^(Test|Fuzz|Example)\w*$`)

// covered runs every test once with all faults off and notes which it reaches. Tests that
// fail then are left out and named.
func (b *build) covered() (tests []*test, left []string, err error) {
	for i, s := range b.suites {
		out, err := b.command(context.Background(), s, nil, "-test.list", ".*").Output()
		if err != nil {
			return nil, nil, fmt.Errorf("mutants: tests of %s: %w", s.pkg, err)
		}
		for _, name := range strings.Fields(string(out)) {
			if testName.MatchString(name) {
				tests = append(tests, &test{suite: i, name: name})
			}
		}
	}
	failed := make([]string, len(tests))
	var workers errgroup.Group
	workers.SetLimit(runtime.NumCPU())
	for i, t := range tests {
		workers.Go(func() error {
			said, err := b.cover(t, filepath.Join(b.work, fmt.Sprintf("cover-%d", i)))
			failed[i] = said
			return err
		})
	}
	if err := workers.Wait(); err != nil {
		return nil, nil, err
	}
	var sound []*test
	for i, t := range tests {
		if failed[i] == "" {
			sound = append(sound, t)
		} else {
			left = append(left, failed[i])
		}
	}
	return sound, left, nil
}

// cover runs one test; it says why the test is left out, or nothing.
func (b *build) cover(t *test, path string) (string, error) {
	if err := os.WriteFile(path, make([]byte, len(b.mutants)+2), 0o644); err != nil {
		return "", fmt.Errorf("mutants: %w", err)
	}
	defer os.Remove(path)
	s := b.suites[t.suite]
	begun := time.Now()
	cmd := b.command(context.Background(), s, []string{active.CoverVariable + "=" + path}, "-test.run", "^"+t.name+"$", "-test.timeout", "10m")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Sprintf("%s.%s: %v\n%s", s.pkg, t.name, err, out), nil
	}
	t.took = time.Since(begun)
	var err error
	if t.reached, err = os.ReadFile(path); err != nil {
		return "", fmt.Errorf("mutants: %w", err)
	}
	return "", nil
}

// command runs a test binary in its package's folder.
func (b *build) command(ctx context.Context, s suite, env []string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, s.binary, args...)
	cmd.Dir = s.dir
	cmd.Env = append(os.Environ(), env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	return cmd
}

// A verdict is what tests made of a mutant.
type verdict struct {
	Mutant
	caught  bool
	by      string
	reached bool // by any test
}

// atOnce bounds the time of the tests that one process runs: most faults are caught by the
// first.
const atOnce = 3 * time.Second

// judge runs the tests that reach a mutant, those of its own package first and quick ones
// before slow ones, until one fails.
func (b *build) judge(m Mutant, tests []*test) (verdict, error) {
	v := verdict{Mutant: m}
	var mine []*test
	for _, t := range tests {
		if t.reached[m.ID] != 0 {
			mine = append(mine, t)
		}
	}
	v.reached = len(mine) > 0
	own := func(t *test) int {
		if dir, err := relative(b.root, b.suites[t.suite].dir); err == nil && dir == filepath.ToSlash(filepath.Dir(m.File)) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(mine, func(x, y *test) int {
		if d := own(x) - own(y); d != 0 {
			return d
		}
		if x.suite != y.suite {
			return x.suite - y.suite
		}
		return int(x.took - y.took)
	})
	for from := 0; from < len(mine); {
		to := from
		var names []string
		var expected time.Duration
		for to < len(mine) && mine[to].suite == mine[from].suite && (to == from || expected+mine[to].took < atOnce) {
			names = append(names, mine[to].name)
			expected += mine[to].took
			to++
		}
		caught, err := b.fails(m, mine[from].suite, names, expected)
		if err != nil || caught {
			v.caught, v.by = caught, b.suites[mine[from].suite].pkg
			return v, err
		}
		from = to
	}
	return v, nil
}

// fails says whether tests fail, or do not end in good time, under a mutant.
func (b *build) fails(m Mutant, suite int, names []string, expected time.Duration) (bool, error) {
	limit := 4*expected + 20*time.Second
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	cmd := b.command(ctx, b.suites[suite], []string{fmt.Sprintf("%s=%d", active.MutantVariable, m.ID), "GOMEMLIMIT=4GiB"},
		"-test.run", "^("+strings.Join(names, "|")+")$", "-test.failfast")
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return false, nil
	case ctx.Err() != nil, errors.As(err, &exit):
		return true, nil
	}
	return false, fmt.Errorf("mutants: %w", err)
}
