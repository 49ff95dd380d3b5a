package house

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const (
	root   = "../.."
	module = "github.com/venn-adapt/venn"
)

// mayImport is the one direction of imports, from folder to folder at the top of
// the repository: cmd -> experiments -> {reports, adapt, models, metrics} ->
// {domains, internal}, an import pointing to the right; within the middle row
// reports sees metrics, and adapt sees models and metrics. A new edge is a decision
// and is written here.
var mayImport = map[string][]string{
	"cmd":         {"experiments", "configs", "reports", "adapt", "models", "metrics", "domains", "internal"},
	"experiments": {"reports", "adapt", "models", "metrics", "domains", "internal"},
	"reports":     {"metrics", "domains", "internal"},
	"adapt":       {"models", "metrics", "domains", "internal"},
	"models":      {"domains", "internal"},
	"metrics":     {"domains", "internal"},
	"domains":     {"internal"},
	"internal":    {},
	"configs":     {},
}

// alsoInTests are edges that tests have beyond those of the code they test.
var alsoInTests = map[string][]string{
	"experiments": {"configs"}, // checks the specs that ship
}

// openers may open labels, each for the reason given. Everything else gets labels,
// if at all, as the arguments of a function.
var openers = map[string]string{
	"experiments/evaluate/along.go":          "scores a network along its training, and gives validators labels of the source",
	"experiments/evaluate/accuracy.go":       "fits on the labelled source, scores test predictions, and fits the oracle row",
	"experiments/evaluate/methods.go":        "gives adaptation the labels of the source, scores predictions on the target",
	"experiments/features/features.go":       "hands source labels to adaptation and seals the target's again",
	"experiments/evaluate/network.go":        "scores the network's own classifier on test images",
	"experiments/train.go":                   "gives the source's labels, and them alone, to the training of a method that asks for them",
	"experiments/evaluate/judging.go":        "says which images carry what is a domain's own",
	"experiments/evaluate/panel.go":          "trains the judges of translations on attributes, and tests them",
	"cmd/venn/data_features.go":              "writes a dataset's images and labels for other programs",
	"domains/preview.go":                     "shows a person the images of a dataset by class",
	"experiments/evaluate/scatter.go":        "colours the scatter of a figure by class",
	"experiments/evaluate/within_classes.go": "asks whether codes depend on each other beyond the class",
}

type file struct {
	path string // from the root of the repository
	ast  *ast.File
	fset *token.FileSet
}

// sources parses every Go file of the repository.
func sources(t *testing.T) []file {
	t.Helper()
	var out []file
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata" || filepath.Dir(path) == root && (name == "bin" || name == "runs")) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		fset := token.NewFileSet()
		parsed, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return err
		}
		out = append(out, file{filepath.ToSlash(rel), parsed, fset})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(out) < 20 {
		t.Fatalf("only %d Go files found below %s", len(out), root)
	}
	return out
}

func TestImportsRunOneWay(t *testing.T) {
	for _, f := range sources(t) {
		room, _, _ := strings.Cut(f.path, "/")
		allowed, known := mayImport[room]
		if !known {
			t.Errorf("%s: the folder %s is not in the table of imports", f.path, room)
			continue
		}
		if strings.HasSuffix(f.path, "_test.go") {
			allowed = append(slices.Clone(allowed), alsoInTests[room]...)
		}
		for _, spec := range f.ast.Imports {
			below, ours := strings.CutPrefix(strings.Trim(spec.Path.Value, `"`), module+"/")
			target, _, _ := strings.Cut(below, "/")
			if ours && target != room && !slices.Contains(allowed, target) {
				t.Errorf("%s imports %s: %s may import %s", f.path, below, room, strings.Join(allowed, ", "))
			}
		}
	}
}

// TestWhoOpensLabels finds every call of Truth.Reveal, Attributes.Reveal and
// Split.Labelled outside tests. The names are unusual enough to go by: no other method has them.
func TestWhoOpensLabels(t *testing.T) {
	found := map[string]bool{}
	for _, f := range sources(t) {
		if strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok || (selector.Sel.Name != "Reveal" && selector.Sel.Name != "Labelled") {
				return true
			}
			if selector.Sel.Name == "Labelled" && !called(f.ast, selector) {
				return true // a field of that name
			}
			found[f.path] = true
			if _, ok := openers[f.path]; !ok {
				line := f.fset.Position(n.Pos()).Line
				t.Errorf("%s:%d opens labels by %s: only scoring, oracle and source code may, and is listed here with its reason", f.path, line, selector.Sel.Name)
			}
			return true
		})
	}
	for path, reason := range openers {
		if !found[path] {
			t.Errorf("%s opens no labels any more (%s): take it off the list", path, reason)
		}
	}
}

// TestWhoKnowsFactors keeps what is known of images, subtypes among it, to data and evaluation:
// outside tests nothing else reads a field Factors.
func TestWhoKnowsFactors(t *testing.T) {
	readers := 0
	for _, f := range sources(t) {
		if strings.HasSuffix(f.path, "_test.go") || strings.HasPrefix(f.path, "domains/") || strings.HasPrefix(f.path, "metrics/") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if selector, ok := n.(*ast.SelectorExpr); ok && selector.Sel.Name == "Factors" {
				readers++
				if !strings.HasPrefix(f.path, "experiments/evaluate/") {
					t.Errorf("%s:%d reads factors of images: only evaluation may", f.path, f.fset.Position(n.Pos()).Line)
				}
			}
			return true
		})
	}
	if readers < 3 {
		t.Errorf("%d places read factors: the test does not see them", readers)
	}
}

func called(f *ast.File, selector *ast.SelectorExpr) bool {
	is := false
	ast.Inspect(f, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && call.Fun == selector {
			is = true
		}
		return !is
	})
	return is
}

// The rules see what they are meant to see.
func TestCalledTellsMethodsFromFields(t *testing.T) {
	for _, tt := range []struct {
		expr string
		want bool
	}{{"s.Labelled()", true}, {"s.Labelled", false}, {"f(s.Labelled)", false}} {
		src := fmt.Sprintf("package p\nvar _ = %s\n", tt.expr)
		f, err := parser.ParseFile(token.NewFileSet(), "p.go", src, 0)
		if err != nil {
			t.Fatal(err)
		}
		got := false
		ast.Inspect(f, func(n ast.Node) bool {
			if s, ok := n.(*ast.SelectorExpr); ok {
				got = called(f, s)
			}
			return true
		})
		if got != tt.want {
			t.Errorf("%s: %v, want %v", tt.expr, got, tt.want)
		}
	}
}

// Property tests have a fixed seed: a folder whose tests use rapid imports the package that
// sets it.
func TestPropertyTestsAreSeeded(t *testing.T) {
	uses, seeds := map[string]bool{}, map[string]bool{}
	for _, f := range sources(t) {
		folder := filepath.Dir(f.path)
		for _, spec := range f.ast.Imports {
			switch strings.Trim(spec.Path.Value, `"`) {
			case "pgregory.net/rapid":
				uses[folder] = folder != "internal/seeded"
			case module + "/internal/seeded":
				seeds[folder] = true
			}
		}
	}
	for folder, use := range uses {
		if use && !seeds[folder] {
			t.Errorf("the property tests of %s take their seed from the clock: import %s/internal/seeded", folder, module)
		}
	}
}
