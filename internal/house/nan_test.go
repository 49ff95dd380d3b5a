package house

import (
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// TestAssertionsSeeNaN finds assertions of tests that a NaN passes: math.Abs(got − want) >
// tolerance is false of one, !(math.Abs(got − want) <= tolerance) is not. (Which of two sizes is
// larger is no assertion.)
func TestAssertionsSeeNaN(t *testing.T) {
	for _, f := range sources(t) {
		if !strings.HasSuffix(f.path, "_test.go") {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if b, ok := n.(*ast.BinaryExpr); ok && b.Op == token.GTR && isAbs(b.X) && !isAbs(b.Y) {
				t.Errorf("%s: a NaN passes math.Abs(x) > y; write !(math.Abs(x) <= y)", f.fset.Position(b.Pos()))
			}
			return true
		})
	}
}

// isAbs says whether an expression is a call of math.Abs.
func isAbs(e ast.Expr) bool {
	c, ok := e.(*ast.CallExpr)
	if !ok {
		return false
	}
	s, ok := c.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	x, ok := s.X.(*ast.Ident)
	return ok && x.Name == "math" && s.Sel.Name == "Abs"
}
