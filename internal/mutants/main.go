// Command mutants seeds single faults into the program and says which of them no test
// notices: exchanged operators, signs and comparisons, other constants, exchanged sides,
// splits and arguments, zeros returned, statements dropped. (R. A. DeMillo, R. J. Lipton
// and F. G. Sayward, "Hints on test data selection", Computer 11 (1978); all faults are
// compiled at once and switched by a number: R. H. Untch, A. J. Offutt and M. J. Harrold,
// "Mutation analysis using mutant schemata", ISSTA 1993.)
//
//	go run ./internal/mutants [-sample N] [-seed S] [-run REGEXP] [-longest 5s] PACKAGE ...
//
// Tests run once with all faults off, to note which faults each reaches; then a fault is
// tried on the tests that reach it alone. A fault that no test can notice, since the program
// does the same with it, stands with its reason in equivalent.txt.
package main

import (
	"errors"
	"flag"
	"fmt"
	"hash/fnv"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// everything matches every key.
var everything = regexp.MustCompile("")

type options struct {
	sample int
	seed   uint64
	match  *regexp.Regexp
	least  float64
	tests  []string
	list   bool

	longest time.Duration
}

func run(args []string, out, log io.Writer) error {
	var o options
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	flags.SetOutput(log)
	flags.IntVar(&o.sample, "sample", 0, "try so many mutants of each package, drawn by -seed; 0: all")
	flags.Uint64Var(&o.seed, "seed", 0, "of the sample")
	match := flags.String("run", "", "only mutants whose key matches this regular expression")
	flags.Float64Var(&o.least, "least", 0, "fail when a smaller share is caught")
	tests := flags.String("tests", "./...", "packages whose tests are run, by commas")
	flags.DurationVar(&o.longest, "longest", 0, "leave out tests that take longer alone; 0: none")
	flags.BoolVar(&o.list, "list", false, "list the mutants and end")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() == 0 {
		return fmt.Errorf("mutants: no packages; want patterns as of go list, as in ./reports")
	}
	var err error
	if o.match, err = regexp.Compile(*match); err != nil {
		return fmt.Errorf("mutants: -run: %w", err)
	}
	o.tests = strings.Split(*tests, ",")
	root, err := filepath.Abs(".")
	if err != nil {
		return fmt.Errorf("mutants: %w", err)
	}
	work, err := os.MkdirTemp("", "venn-mutants-")
	if err != nil {
		return fmt.Errorf("mutants: %w", err)
	}
	defer os.RemoveAll(work)
	b, overlay, err := seeded(root, work, flags.Args())
	if err != nil {
		return err
	}
	equivalent, err := readEquivalent(filepath.Join(root, "internal", "mutants", "equivalent.txt"))
	if err != nil {
		return err
	}
	for _, key := range stale(root, b.mutants, equivalent) {
		fmt.Fprintf(log, "mutants: equivalent.txt: no such fault any more: %s\n", key)
	}
	chosen, known := choose(b.mutants, o, equivalent)
	if o.list {
		for _, m := range chosen {
			fmt.Fprintln(out, m.Key())
		}
		return nil
	}
	fmt.Fprintf(log, "mutants: %d places for faults, %d of them chosen, %d that do not compile, %d known as equivalent\n", len(b.mutants), len(chosen), b.dropped, known)
	return b.try(chosen, overlay, o, out, log)
}

// stale lists the equivalents, of files that were seeded or are gone, that no mutant is any
// more.
func stale(root string, all []Mutant, equivalent map[string]string) []string {
	files, keys := map[string]bool{}, map[string]bool{}
	for _, m := range all {
		files[m.File], keys[m.Key()] = true, true
	}
	var out []string
	for _, key := range slices.Sorted(maps.Keys(equivalent)) {
		file, _, _ := strings.Cut(key, " ")
		_, err := os.Stat(filepath.Join(root, filepath.FromSlash(file)))
		if !keys[key] && (files[file] || errors.Is(err, fs.ErrNotExist)) {
			out = append(out, key)
		}
	}
	return out
}

// choose takes the mutants that match and, of each package, the sample: those whose keys
// have the smallest hashes, so that a change of the code moves the sample little.
func choose(all []Mutant, o options, equivalent map[string]string) (chosen []Mutant, known int) {
	by := map[string][]Mutant{}
	for _, m := range all {
		if !o.match.MatchString(m.Key()) {
			continue
		}
		if equivalent[m.Key()] != "" {
			known++
			continue
		}
		by[filepath.Dir(m.File)] = append(by[filepath.Dir(m.File)], m)
	}
	for _, list := range by {
		if o.sample > 0 && len(list) > o.sample {
			slices.SortFunc(list, func(x, y Mutant) int { return cmpHash(x.Key(), y.Key(), o.seed) })
			list = list[:o.sample]
		}
		chosen = append(chosen, list...)
	}
	slices.SortFunc(chosen, func(x, y Mutant) int { return x.ID - y.ID })
	return chosen, known
}

func cmpHash(x, y string, seed uint64) int {
	hash := func(s string) uint64 {
		h := fnv.New64a()
		fmt.Fprint(h, seed, " ", s)
		v := h.Sum64() // its high bits alone mix badly
		v ^= v >> 33
		v *= 0xff51afd7ed558ccd
		return v ^ v>>33
	}
	a, b := hash(x), hash(y)
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return strings.Compare(x, y)
}

// try runs the tests under every chosen mutant and prints the survivors.
func (b *build) try(chosen []Mutant, overlay string, o options, out, log io.Writer) error {
	if err := b.compile(overlay, o.tests); err != nil {
		return err
	}
	fmt.Fprintf(log, "mutants: %d test binaries built\n", len(b.suites))
	tests, left, err := b.covered()
	if err != nil {
		return err
	}
	for _, text := range left {
		fmt.Fprintf(log, "mutants: left out, fails without any fault: %s\n", text)
	}
	if o.longest > 0 {
		all := len(tests)
		tests = slices.DeleteFunc(tests, func(t *test) bool { return t.took > o.longest })
		fmt.Fprintf(log, "mutants: %d tests that take longer than %v are left out\n", all-len(tests), o.longest)
	}
	fmt.Fprintf(log, "mutants: %d tests\n", len(tests))
	verdicts := make([]verdict, len(chosen))
	var workers errgroup.Group
	workers.SetLimit(runtime.NumCPU())
	ended := make(chan int, len(chosen))
	done := make(chan error, 1)
	go func() { // Go waits for a worker
		for i, m := range chosen {
			workers.Go(func() error {
				var err error
				verdicts[i], err = b.judge(m, tests)
				ended <- i
				return err
			})
		}
		done <- workers.Wait()
	}()
	for count := 1; count <= len(chosen); count++ {
		if v := verdicts[<-ended]; !v.caught {
			fmt.Fprintf(log, "%d/%d survives: %s\n", count, len(chosen), v.Key())
		} else if count%50 == 0 {
			fmt.Fprintf(log, "%d/%d\n", count, len(chosen))
		}
	}
	if err := <-done; err != nil {
		return err
	}
	return summary(verdicts, o.least, out)
}
