package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"
	"golang.org/x/tools/go/packages"
)

// A build is the program with every fault in it.
type build struct {
	root    string // of the repository
	work    string // folder of what is made
	mutants []Mutant
	suites  []suite
	dropped int // mutants that do not compile
}

// A suite is the compiled tests of one package.
type suite struct {
	pkg    string // import path
	dir    string // of the package
	binary string
}

// seeded rewrites every file of the packages and checks that they compile. Mutants on
// lines that do not are left out, and the rest is tried again.
func seeded(root, work string, patterns []string) (*build, string, error) {
	pkgs, err := packages.Load(&packages.Config{Dir: root, Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles |
		packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports | packages.NeedDeps}, patterns...)
	if err != nil {
		return nil, "", fmt.Errorf("mutants: %w", err)
	}
	if packages.PrintErrors(pkgs) > 0 {
		return nil, "", errors.New("mutants: the packages do not compile as they are")
	}
	b := &build{root: root, work: work}
	unbuildable := map[string]bool{} // file:line
	for range 6 {
		overlay, err := b.rewrite(pkgs, func(m Mutant) bool { return unbuildable[fmt.Sprintf("%s:%d", m.File, m.Line)] })
		if err != nil {
			return nil, "", err
		}
		bad, err := b.errorsOf(overlay, patterns)
		if err != nil {
			return nil, "", err
		}
		if len(bad) == 0 {
			return b, overlay, nil
		}
		for _, line := range bad {
			unbuildable[line] = true
		}
	}
	return nil, "", errors.New("mutants: the rewritten packages do not compile")
}

// rewrite makes the overlay of all packages and lists the mutants in it.
func (b *build) rewrite(pkgs []*packages.Package, dropped func(Mutant) bool) (string, error) {
	b.mutants, b.dropped = nil, 0
	replace := map[string]string{}
	next := 1
	for _, pkg := range pkgs {
		for i, file := range pkg.Syntax {
			path := pkg.CompiledGoFiles[i]
			if ast.IsGenerated(file) || !strings.HasPrefix(path, b.root) {
				continue
			}
			name, err := relative(b.root, path)
			if err != nil {
				return "", fmt.Errorf("mutants: %w", err)
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return "", fmt.Errorf("mutants: %w", err)
			}
			s := seed(pkg, file, name, source, &next, func(m Mutant) bool {
				bad := dropped(m)
				if bad {
					b.dropped++
				}
				return bad
			})
			if len(s.mutants) == 0 {
				continue
			}
			b.mutants = append(b.mutants, s.mutants...)
			out := filepath.Join(b.work, "source", strings.ReplaceAll(name, "/", "__"))
			if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
				return "", fmt.Errorf("mutants: %w", err)
			}
			if err := os.WriteFile(out, []byte(s.rewritten()), 0o644); err != nil {
				return "", fmt.Errorf("mutants: %w", err)
			}
			replace[path] = out
		}
	}
	data, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", fmt.Errorf("mutants: %w", err)
	}
	path := filepath.Join(b.work, "overlay.json")
	return path, os.WriteFile(path, data, 0o644)
}

var position = regexp.MustCompile(`(?m)^(\S+\.go):(\d+):\d+: (.*)$`)

// errorsOf compiles the packages and returns the lines, of the repository's files, that
// do not compile.
func (b *build) errorsOf(overlay string, patterns []string) ([]string, error) {
	cmd := exec.Command("go", append([]string{"build", "-overlay", overlay, "-gcflags=-e"}, patterns...)...)
	cmd.Dir = b.root
	out, err := cmd.CombinedOutput()
	if err == nil {
		return nil, nil
	}
	var lines []string
	for _, m := range position.FindAllStringSubmatch(string(out), -1) {
		path := m[1]
		if name, ok := strings.CutPrefix(filepath.Base(path), ""); ok && strings.Contains(name, "__") {
			path = strings.ReplaceAll(name, "__", "/")
		} else if filepath.IsAbs(path) {
			if path, err = relative(b.root, path); err != nil {
				return nil, fmt.Errorf("mutants: %w", err)
			}
		}
		line, _ := strconv.Atoi(m[2])
		fmt.Fprintf(os.Stderr, "mutants: left out, does not compile: %s:%d: %s\n", path, line, m[3])
		lines = append(lines, fmt.Sprintf("%s:%d", filepath.ToSlash(filepath.Clean(path)), line))
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("mutants: go build: %w\n%s", err, out)
	}
	return lines, nil
}

// compile makes the test binary of every package that has tests.
func (b *build) compile(overlay string, patterns []string) error {
	pkgs, err := packages.Load(&packages.Config{Dir: b.root, Mode: packages.NeedName | packages.NeedFiles, Tests: true}, patterns...)
	if err != nil {
		return fmt.Errorf("mutants: %w", err)
	}
	seen := map[string]bool{}
	for _, p := range pkgs {
		path, isTest := strings.CutSuffix(p.ID, ".test")
		if !isTest || seen[path] || strings.HasSuffix(path, "/internal/mutants") {
			continue
		}
		seen[path] = true
		dir := filepath.Join(b.root, strings.TrimPrefix(path, "github.com/venn-adapt/venn"))
		b.suites = append(b.suites, suite{pkg: path, dir: dir, binary: filepath.Join(b.work, strings.ReplaceAll(strings.TrimPrefix(path, "github.com/venn-adapt/venn/"), "/", "__")+".test")})
	}
	var workers errgroup.Group
	workers.SetLimit(runtime.NumCPU())
	for _, s := range b.suites {
		workers.Go(func() error {
			cmd := exec.Command("go", "test", "-overlay", overlay, "-c", "-o", s.binary, s.pkg)
			cmd.Dir = b.root
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("mutants: %s: %w\n%s", s.pkg, err, out)
			}
			return nil
		})
	}
	return workers.Wait()
}
