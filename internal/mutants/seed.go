package main

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// runtimePackage is what rewritten code calls, under a name that no code of ours has.
const (
	runtimePackage = "github.com/venn-adapt/venn/internal/mutants/active"
	runtimeName    = "vennmutant"
)

// A Mutant is one fault at one place.
type Mutant struct {
	ID       int
	File     string // from the root of the repository
	Line     int
	Function string // the function around it, "" outside any
	Change   string // "a - b -> a + b", on one line
	Same     int    // how many mutants of the same function and change stand before it
}

// Key names a mutant whatever lines are added above it.
func (m Mutant) Key() string {
	key := fmt.Sprintf("%s %s: %s", m.File, cmp.Or(m.Function, "(file)"), m.Change)
	if m.Same > 0 {
		key += fmt.Sprintf(" #%d", m.Same+1)
	}
	return key
}

// An edit inserts text at an offset in place of the next `replaced` bytes. Of insertions
// at one offset those with a lower rank stand first.
type edit struct {
	at, replaced int
	rank, order  int
	text         string
}

// A seeder finds the places of one file.
type seeder struct {
	pkg      *packages.Package
	file     *ast.File
	name     string // from the root of the repository
	source   []byte
	next     *int
	mutants  []Mutant
	edits    []edit
	function string
	same     map[string]int
	parents  []ast.Node
	skipped  map[ast.Node]bool // with all that is below
	barred   map[ast.Expr]bool // written to, or their address taken: not to be wrapped
	dropped  func(Mutant) bool // mutants that could not be built before
}

// seed finds every fault of a file of a package.
func seed(pkg *packages.Package, file *ast.File, name string, source []byte, next *int, dropped func(Mutant) bool) *seeder {
	s := &seeder{pkg: pkg, file: file, name: name, source: source, next: next, same: map[string]int{}, skipped: map[ast.Node]bool{}, barred: map[ast.Expr]bool{}, dropped: dropped}
	ast.Inspect(file, func(n ast.Node) bool {
		if n == nil {
			s.parents = s.parents[:len(s.parents)-1]
			return true
		}
		if s.skip(n) {
			return false
		}
		s.visit(n)
		s.parents = append(s.parents, n)
		return true
	})
	return s
}

// parent is the n-th node above the one that is visited, from 1.
func (s *seeder) parent(n int) ast.Node {
	if len(s.parents) < n {
		return nil
	}
	return s.parents[len(s.parents)-n]
}

// skip says which code carries no faults of ours: declarations of constants and types,
// imports, and what only says or shows how far something is.
func (s *seeder) skip(n ast.Node) bool {
	if s.skipped[n] {
		return true
	}
	switch n := n.(type) {
	case *ast.GenDecl:
		if s.parent(1) == ast.Node(s.file) {
			s.function = ""
		}
		return n.Tok != token.VAR
	case *ast.ArrayType, *ast.FuncType, *ast.StructType, *ast.InterfaceType, *ast.Field:
		return true
	case *ast.FuncDecl:
		s.function = functionName(n)
	case *ast.CaseClause: // constants of cases must stay constants
		for _, e := range n.List {
			if s.constant(e) {
				s.skipped[e] = true
			}
		}
	case *ast.CompositeLit:
		s.skipKeys(n)
	case *ast.CallExpr:
		return s.skipCall(n)
	}
	return false
}

// skipKeys leaves the keys of a literal alone, and colours altogether.
func (s *seeder) skipKeys(n *ast.CompositeLit) {
	for _, e := range n.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			s.skipped[kv.Key] = true
		}
		if t := s.pkg.TypesInfo.TypeOf(n); t != nil && strings.HasPrefix(t.String(), "image/color.") {
			s.skipped[e] = true
		}
	}
}

// silent are the receivers whose methods only tell a person what goes on.
var silent = []string{"progress", "Progress", "Log", "log", "slog"}

func (s *seeder) skipCall(n *ast.CallExpr) bool {
	switch f := n.Fun.(type) {
	case *ast.Ident:
		if f.Name == "panic" {
			return true
		}
		if f.Name == "make" && len(n.Args) == 3 {
			s.skipped[n.Args[2]] = true // a capacity
		}
	case *ast.SelectorExpr:
		last := f.X
		if sel, ok := last.(*ast.SelectorExpr); ok {
			last = sel.Sel
		}
		if id, ok := last.(*ast.Ident); ok && slices.Contains(silent, id.Name) {
			return true
		}
	}
	return false
}

func functionName(f *ast.FuncDecl) string {
	if f.Recv == nil || len(f.Recv.List) == 0 {
		return f.Name.Name
	}
	t := f.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if index, ok := t.(*ast.IndexExpr); ok {
		t = index.X
	}
	if id, ok := t.(*ast.Ident); ok {
		return id.Name + "." + f.Name.Name
	}
	return f.Name.Name
}

// add makes mutants, one a change, of a node; nil where they are not wanted.
func (s *seeder) add(n ast.Node, changes ...string) (first int, ok bool) {
	made := make([]Mutant, len(changes))
	wanted := true
	for i, change := range changes {
		change = strings.Join(strings.Fields(change), " ")
		m := Mutant{ID: *s.next + i, File: s.name, Line: s.pkg.Fset.Position(n.Pos()).Line, Function: s.function, Change: change}
		m.Same = s.same[m.Function+change]
		s.same[m.Function+change]++
		made[i] = m
		wanted = wanted && !s.dropped(m)
	}
	if !wanted {
		return 0, false
	}
	first = *s.next
	*s.next += len(changes)
	s.mutants = append(s.mutants, made...)
	return first, true
}

func (s *seeder) offset(p token.Pos) int { return s.pkg.Fset.Position(p).Offset }

func (s *seeder) text(n ast.Node) string {
	return string(s.source[s.offset(n.Pos()):s.offset(n.End())])
}

// wrap puts text before and after a node.
func (s *seeder) wrap(n ast.Node, before, after string) {
	from, to, order := s.offset(n.Pos()), s.offset(n.End()), len(s.edits)
	// At one place the outer node's prefix comes first and its suffix last.
	s.edits = append(s.edits, edit{at: from, rank: 1<<30 - (to - from), order: order, text: before},
		edit{at: to, rank: -(1 << 30) + (to - from), order: -order, text: after})
}

func (s *seeder) replace(from token.Pos, bytes int, text string) {
	s.edits = append(s.edits, edit{at: s.offset(from), replaced: bytes, rank: 1 << 30, text: text})
}

func call(function string, id int) string {
	return fmt.Sprintf("%s.%s(%d, ", runtimeName, function, id)
}

// rewritten is the file with every fault in it, each switched off.
func (s *seeder) rewritten() string {
	slices.SortStableFunc(s.edits, func(a, b edit) int { return cmp.Or(a.at-b.at, a.rank-b.rank, a.order-b.order) })
	var out strings.Builder
	at := 0
	for _, e := range s.edits {
		out.Write(s.source[at:e.at])
		out.WriteString(e.text)
		at = e.at + e.replaced
	}
	out.Write(s.source[at:])
	name := s.offset(s.file.Name.End())
	return out.String()[:name] + fmt.Sprintf("; import %s %q", runtimeName, runtimePackage) + out.String()[name:]
}

// constant says whether an expression has a value that is known when compiling.
func (s *seeder) constant(e ast.Expr) bool {
	tv, ok := s.pkg.TypesInfo.Types[e]
	return ok && tv.Value != nil
}

func (s *seeder) typeOf(e ast.Expr) types.Type { return s.pkg.TypesInfo.TypeOf(e) }

// typeName writes a type as this file would, or "" where it cannot.
func (s *seeder) typeName(t types.Type) string {
	ok := true
	name := types.TypeString(t, func(p *types.Package) string {
		if p == s.pkg.Types {
			return ""
		}
		for _, spec := range s.file.Imports {
			if strings.Trim(spec.Path.Value, `"`) == p.Path() {
				if spec.Name != nil {
					return spec.Name.Name
				}
				return p.Name()
			}
		}
		ok = false
		return ""
	})
	if !ok {
		return ""
	}
	return name
}

// relative is a path from the root of the repository, with slashes.
func relative(root, path string) (string, error) {
	rel, err := filepath.Rel(root, path)
	return filepath.ToSlash(rel), err
}
