package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// condition turns round a condition that no operator makes.
func (s *seeder) condition(e ast.Expr) {
	switch e.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.CallExpr, *ast.IndexExpr:
		if !s.constant(e) {
			s.flip(e, s.text(e)+" -> !"+s.text(e))
		}
	}
}

// statement drops a statement of a block.
func (s *seeder) statement(n ast.Stmt) {
	switch s.parent(1).(type) {
	case *ast.BlockStmt, *ast.CaseClause:
	default:
		return
	}
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok == token.DEFINE || s.text(n.Lhs[0]) == "_" && len(n.Lhs) == 1 {
			return
		}
	case *ast.BranchStmt:
		if n.Tok != token.BREAK && n.Tok != token.CONTINUE {
			return
		}
	case *ast.ExprStmt:
		c, ok := n.X.(*ast.CallExpr)
		if !ok || s.skipCall(c) {
			return
		}
		if sel, ok := c.Fun.(*ast.SelectorExpr); ok && slices.Contains([]string{"Close", "Unlock", "Lock", "Remove", "RemoveAll"}, sel.Sel.Name) {
			return // what a test cannot see
		}
	}
	if id, ok := s.add(n, s.text(n)+" -> nothing"); ok {
		s.wrap(n, fmt.Sprintf("if %s.Keep(%d) { ", runtimeName, id), " }")
	}
}

// result returns zero in place of a number, a text, a truth value or a list, and nil in
// place of an error that is born here.
func (s *seeder) result(n *ast.ReturnStmt) {
	for _, e := range n.Results {
		if s.constant(e) {
			continue
		}
		t := s.typeOf(e)
		if t == nil {
			continue
		}
		switch u := t.Underlying().(type) {
		case *types.Basic:
			if u.Info()&types.IsUntyped != 0 || u.Info()&types.IsBoolean != 0 && !plain(e) {
				continue
			}
		case *types.Slice:
		case *types.Interface:
			if !born(e) {
				continue
			}
		default:
			continue
		}
		if id, ok := s.add(e, "return "+s.text(e)+" -> return zero"); ok {
			s.wrap(e, call("Zero", id), ")")
		}
	}
}

// plain says whether no operator makes an expression: a fault of its own is due.
func plain(e ast.Expr) bool {
	switch e.(type) {
	case *ast.BinaryExpr, *ast.UnaryExpr:
		return false
	}
	return true
}

// born says whether an expression makes a new error rather than passing one on.
func born(e ast.Expr) bool {
	c, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := c.Fun.(*ast.SelectorExpr)
	if !ok || len(c.Args) == 0 {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok || id.Name+"."+sel.Sel.Name != "errors.New" && id.Name+"."+sel.Sel.Name != "fmt.Errorf" {
		return false
	}
	format, ok := c.Args[0].(*ast.BasicLit)
	return ok && !strings.Contains(format.Value, "%w")
}

// extremes exchanges min and max, floor and ceil.
func (s *seeder) extremes(n *ast.CallExpr) {
	switch f := n.Fun.(type) {
	case *ast.Ident:
		if f.Name != "min" && f.Name != "max" || len(n.Args) != 2 || s.constant(n) || !s.pure(n.Args[0]) || !s.pure(n.Args[1]) {
			return
		}
		if _, builtin := s.pkg.TypesInfo.Uses[f].(*types.Builtin); !builtin {
			return
		}
		other := map[string]string{"min": "max", "max": "min"}[f.Name]
		wrong := other + "(" + s.text(n.Args[0]) + ", " + s.text(n.Args[1]) + ")"
		if id, ok := s.add(n, s.text(n)+" -> "+wrong); ok {
			s.wrap(n, call("Pick", id), ", "+wrong+")")
		}
	case *ast.SelectorExpr:
		other := map[string]string{"math.Min": "math.Max", "math.Max": "math.Min", "math.Floor": "math.Ceil", "math.Ceil": "math.Floor"}[s.text(f)]
		if other == "" {
			return
		}
		if id, ok := s.add(n, s.text(n)+" -> "+other); ok {
			s.wrap(f, call("Pick", id), ", "+other+")")
		}
	}
}

// literal changes a constant.
func (s *seeder) literal(e ast.Expr) {
	tv := s.pkg.TypesInfo.Types[e]
	if tv.Value == nil || !tv.IsValue() {
		return
	}
	s.skipped[e] = true // what it is made of is not looked at again
	switch p := s.parent(1).(type) {
	case *ast.SelectorExpr, *ast.ImportSpec:
		return
	case *ast.BinaryExpr:
		if p.Op == token.SHL || p.Op == token.SHR {
			return
		}
	case *ast.CallExpr: // a conversion is a constant of its own
		if p.Fun == e {
			return
		}
	}
	name := s.typeName(tv.Type)
	b, ok := tv.Type.Underlying().(*types.Basic)
	if !ok || name == "" || strings.Contains(name, "vg.") || strings.Contains(name, "font.") {
		return
	}
	if b.Info()&types.IsUntyped != 0 {
		name = types.Default(b).String()
	}
	text := s.text(e)
	switch {
	case b.Info()&types.IsBoolean != 0:
		if id, ok := s.add(e, text+" -> !"+text); ok {
			s.wrap(e, call("Flip", id), ")")
		}
	case b.Info()&types.IsNumeric != 0 && b.Info()&types.IsComplex == 0 && b.Kind() != types.UntypedRune:
		if id, ok := s.add(e, text+" -> another constant"); ok {
			s.wrap(e, call("Constant", id)+name+"(", "))")
		}
	}
}
