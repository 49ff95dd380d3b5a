package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// visit adds the faults that one node can carry.
func (s *seeder) visit(n ast.Node) {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		s.binary(n)
	case *ast.UnaryExpr:
		s.unary(n)
	case *ast.IfStmt:
		s.condition(n.Cond)
	case *ast.ForStmt:
		if n.Cond != nil {
			s.condition(n.Cond)
		}
		s.skipped[n.Post] = true // without it a loop never ends
	case *ast.AssignStmt:
		for _, e := range n.Lhs {
			s.bar(e)
		}
		s.statement(n)
	case *ast.IncDecStmt:
		s.bar(n.X)
		s.statement(n)
	case *ast.RangeStmt:
		s.bar(n.Key)
		s.bar(n.Value)
	case *ast.ExprStmt, *ast.BranchStmt:
		s.statement(n.(ast.Stmt))
	case *ast.ReturnStmt:
		s.result(n)
	case *ast.CallExpr:
		s.arguments(n)
		s.extremes(n)
	}
	if e, ok := n.(ast.Expr); ok {
		s.literal(e)
		s.partner(e)
	}
}

// bar marks what is written to.
func (s *seeder) bar(e ast.Expr) {
	if e != nil {
		s.barred[e] = true
	}
}

func (s *seeder) basic(e ast.Expr, want types.BasicInfo) bool {
	t := s.typeOf(e)
	if t == nil {
		return false
	}
	if p, ok := t.(*types.TypeParam); ok {
		return want == types.IsNumeric && strings.Contains(p.Constraint().String(), "loat")
	}
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&want != 0 && b.Info()&types.IsComplex == 0
}

var arithmetic = map[token.Token][2]string{
	token.ADD: {"Add", "-"}, token.SUB: {"Sub", "+"}, token.MUL: {"Mul", "/"}, token.QUO: {"Div", "*"}, token.REM: {"Rem", "no %"},
}

// binary exchanges operators: + and -, * and /, what % leaves, < and <= and their
// opposites, == and !=, && and ||.
func (s *seeder) binary(n *ast.BinaryExpr) {
	if s.constant(n) || s.constant(n.X) && s.constant(n.Y) {
		return
	}
	x, y := s.text(n.X), s.text(n.Y)
	turned := func(op string) string { return fmt.Sprintf("%s %s %s -> %s %s %s", x, n.Op, y, x, op, y) }
	apart := func(function string, id int) {
		s.wrap(n, call(function, id), ")")
		s.replace(n.OpPos, len(n.Op.String()), ",")
	}
	switch n.Op {
	case token.ADD, token.SUB, token.MUL, token.QUO, token.REM:
		if !s.basic(n, types.IsNumeric) || !s.basic(n.X, types.IsNumeric) {
			return
		}
		function, op := arithmetic[n.Op][0], arithmetic[n.Op][1]
		change := turned(op)
		if n.Op == token.SUB && x == "1" && s.basic(n, types.IsInteger) { // the other side
			function, change = "Other", fmt.Sprintf("1 - %s -> %s", y, y)
			s.skipped[n.X] = true
		}
		if id, ok := s.add(n, change); ok {
			apart(function, id)
		}
	case token.LSS, token.LEQ:
		ops := [2]string{"<=", ">="}
		function := "Less"
		if n.Op == token.LEQ {
			ops, function = [2]string{"<", ">"}, "LessEqual"
		}
		if id, ok := s.add(n, turned(ops[0]), turned(ops[1])); ok {
			apart(function, id)
		}
	case token.GTR, token.GEQ:
		s.greater(n, turned)
	case token.EQL:
		s.flip(n, turned("!="))
	case token.NEQ:
		s.flip(n, turned("=="))
	case token.LAND, token.LOR:
		function, op := "And", "||"
		if n.Op == token.LOR {
			function, op = "Or", "&&"
		}
		if id, ok := s.add(n, turned(op)); ok {
			s.wrap(n, call(function, id), " })")
			s.replace(n.OpPos, 2, ", func() bool { return ")
		}
	}
}

// greater seeds a > b and a >= b. (Not as opposites of a <= b and a < b: neither holds of NaN.)
func (s *seeder) greater(n *ast.BinaryExpr, turned func(string) string) {
	ops, function := [2]string{">=", "<="}, "Greater"
	if n.Op == token.GEQ {
		ops, function = [2]string{">", "<"}, "GreaterEqual"
	}
	id, ok := s.add(n, turned(ops[0]), turned(ops[1]))
	if !ok {
		return
	}
	s.wrap(n, call(function, id), ")")
	s.replace(n.OpPos, len(n.Op.String()), ",")
}

func (s *seeder) flip(e ast.Expr, change string) {
	if id, ok := s.add(e, change); ok {
		s.wrap(e, call("Flip", id), ")")
	}
}

func (s *seeder) unary(n *ast.UnaryExpr) {
	switch {
	case n.Op == token.AND:
		s.bar(n.X)
	case s.constant(n):
	case n.Op == token.SUB && s.basic(n, types.IsNumeric):
		if id, ok := s.add(n, s.text(n)+" -> "+s.text(n.X)); ok {
			s.replace(n.OpPos, 1, call("Neg", id))
			s.wrap(n, "", ")")
		}
	case n.Op == token.NOT:
		s.flip(n, s.text(n)+" -> "+s.text(n.X))
	}
}
