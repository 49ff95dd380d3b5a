package main

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
	"unicode"
)

// partners are words that a name can be mistaken for.
var partners = func() map[string]string {
	out := map[string]string{}
	for _, pair := range [][2]string{
		{"source", "target"}, {"train", "test"}, {"a", "b"}, {"x", "y"}, {"i", "j"}, {"n", "m"}, {"low", "high"}, {"left", "right"}, {"row", "column"},
		{"rows", "columns"}, {"own", "other"}, {"before", "after"}, {"content", "guide"}, {"contents", "guides"}, {"kept", "held"}, {"first", "second"},
		{"first", "last"}, {"min", "max"}, {"is", "gs"}, {"width", "height"}, {"from", "to"}, {"labels", "predicted"}, {"transductive", "inductive"}, {"balanced", "accuracy"},
	} {
		if out[pair[0]] == "" {
			out[pair[0]] = pair[1]
		}
		if out[pair[1]] == "" {
			out[pair[1]] = pair[0]
		}
	}
	return out
}()

// mistaken lists the names that differ from name in one word, by its partner.
func mistaken(name string) []string {
	var out []string
	words := split(name)
	for i, w := range words {
		other, ok := partners[strings.ToLower(w)]
		if !ok {
			continue
		}
		if unicode.IsUpper(rune(w[0])) {
			other = strings.ToUpper(other[:1]) + other[1:]
		}
		out = append(out, strings.Join(words[:i], "")+other+strings.Join(words[i+1:], ""))
	}
	return out
}

// split parts a name in mixed capitals into words.
func split(name string) []string {
	var out []string
	from := 0
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			out = append(out, name[from:i])
			from = i
		}
	}
	return append(out, name[from:])
}

// pure says whether an expression can be evaluated twice, or in vain, without a trace.
func (s *seeder) pure(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name != "_" && s.pkg.TypesInfo.Uses[e] != nil
	case *ast.BasicLit:
		return true
	case *ast.SelectorExpr:
		if _, ok := s.pkg.TypesInfo.Selections[e]; !ok {
			return false
		}
		return s.pkg.TypesInfo.Selections[e].Kind() == types.FieldVal && s.pure(e.X)
	case *ast.IndexExpr:
		_, ok := s.typeOf(e.X).Underlying().(*types.Map)
		return !ok && s.pure(e.X) && s.pure(e.Index) && s.constant(e.Index) // another index may be out of bounds
	}
	return false
}

// partner takes a variable, field or constant for its partner of the same type: the source
// for the target, the training images for the test images.
func (s *seeder) partner(e ast.Expr) {
	if s.barred[e] || s.constantOfCase() {
		return
	}
	switch e := e.(type) {
	case *ast.Ident:
		if _, ok := s.parent(1).(*ast.SelectorExpr); ok && s.parent(1).(*ast.SelectorExpr).Sel == e {
			return
		}
		s.otherVariable(e)
	case *ast.SelectorExpr:
		s.otherField(e)
	}
}

func (s *seeder) constantOfCase() bool {
	c, ok := s.parent(1).(*ast.CaseClause)
	return ok && c != nil
}

// addressed says whether a place must stay addressable: a part of it is written to, its
// address is taken, or a method changes it.
func (s *seeder) addressed() bool {
	for i := 1; ; i++ {
		switch p := s.parent(i).(type) {
		case *ast.SelectorExpr:
			if s.barred[p] {
				return true
			}
			if selection := s.pkg.TypesInfo.Selections[p]; selection != nil && selection.Kind() == types.MethodVal {
				_, pointer := selection.Obj().Type().(*types.Signature).Recv().Type().(*types.Pointer)
				_, is := s.typeOf(p.X).Underlying().(*types.Pointer)
				return pointer && !is
			}
		case *ast.IndexExpr:
			if s.barred[p] {
				return true
			}
		case *ast.SliceExpr:
			return true
		default:
			return false
		}
	}
}

func (s *seeder) otherVariable(e *ast.Ident) {
	v, ok := s.pkg.TypesInfo.Uses[e].(*types.Var)
	if !ok || v.IsField() || v.Parent() == nil || s.addressed() {
		return
	}
	scope := s.pkg.Types.Scope().Innermost(e.Pos())
	if scope == nil {
		return
	}
	for _, name := range mistaken(e.Name) {
		_, object := scope.LookupParent(name, e.Pos())
		other, ok := object.(*types.Var)
		if !ok || !types.Identical(other.Type(), v.Type()) {
			continue
		}
		if id, ok := s.add(e, s.around(e, name)); ok {
			s.wrap(e, call("Pick", id), ", "+name+")")
		}
		return
	}
}

// around writes a change of a name with the expression that it stands in.
func (s *seeder) around(e ast.Expr, name string) string {
	within := ""
	switch p := s.parent(1).(type) {
	case *ast.CallExpr, *ast.BinaryExpr, *ast.IndexExpr, *ast.SelectorExpr, *ast.AssignStmt, *ast.KeyValueExpr, *ast.ReturnStmt:
		within = s.text(p)
	}
	if len(within) > 80 || within == "" {
		return s.text(e) + " -> " + name
	}
	return fmt.Sprintf("%s -> %s in %s", s.text(e), name, within)
}

func (s *seeder) otherField(e *ast.SelectorExpr) {
	selection, ok := s.pkg.TypesInfo.Selections[e]
	if !ok || selection.Kind() != types.FieldVal || !s.pure(e.X) || s.addressed() {
		return
	}
	for _, name := range mistaken(e.Sel.Name) {
		object, _, _ := types.LookupFieldOrMethod(selection.Recv(), true, s.pkg.Types, name)
		other, ok := object.(*types.Var)
		if !ok || !types.Identical(other.Type(), selection.Type()) {
			continue
		}
		wrong := s.text(e.X) + "." + name
		if id, ok := s.add(e, s.around(e, wrong)); ok {
			s.wrap(e, call("Pick", id), ", "+wrong+")")
		}
		return
	}
}

// arguments exchanges two neighbouring arguments of one type.
func (s *seeder) arguments(n *ast.CallExpr) {
	if tv := s.pkg.TypesInfo.Types[n.Fun]; tv.IsType() || n.Ellipsis.IsValid() || s.symmetric(n.Fun) {
		return
	}
	for i := 1; i < len(n.Args); i++ {
		x, y := n.Args[i-1], n.Args[i]
		if !s.pure(x) || !s.pure(y) || s.constant(x) || s.constant(y) || s.text(x) == s.text(y) {
			continue
		}
		t, u := s.typeOf(x), s.typeOf(y)
		if t == nil || u == nil || !types.Identical(t, u) {
			continue
		}
		change := fmt.Sprintf("%s: %s, %s -> %s, %s", s.text(n), s.text(x), s.text(y), s.text(y), s.text(x))
		if id, ok := s.add(n, change); ok {
			s.wrap(x, call("Pick", id), ", "+s.text(y)+")")
			s.wrap(y, call("Pick", id), ", "+s.text(x)+")")
			i++ // an argument takes part in one exchange
		}
	}
}

// symmetric names functions of which the order of arguments means nothing.
func (s *seeder) symmetric(f ast.Expr) bool {
	switch s.text(f) {
	case "min", "max", "math.Min", "math.Max", "math.Hypot", "types.Identical", "slices.Equal", "bytes.Equal", "floats.Dot", "maps.Equal", "mat.Equal", "mat.EqualApprox":
		return true
	}
	return false
}
