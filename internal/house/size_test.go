package house

import (
	"go/ast"
	"path"
	"strings"
	"testing"
)

// What a reader takes in at a glance.
const (
	mostFiles = 25  // of code in a room
	mostLines = 300 // of a file of code
	mostBody  = 80  // lines of a function
)

// TestSizes holds rooms, files and functions to these bounds, but for tests and for what a
// program wrote.
func TestSizes(t *testing.T) {
	files := map[string]int{}
	for _, f := range sources(t) {
		if strings.HasSuffix(f.path, "_test.go") || ast.IsGenerated(f.ast) {
			continue
		}
		room := path.Dir(f.path)
		if files[room]++; files[room] == mostFiles+1 {
			t.Errorf("%s holds more than %d files of code", room, mostFiles)
		}
		if n := f.fset.File(f.ast.FileStart).LineCount(); n > mostLines {
			t.Errorf("%s has %d lines, want at most %d", f.path, n, mostLines)
		}
		for _, d := range f.ast.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok {
				if n := f.fset.Position(fn.End()).Line - f.fset.Position(fn.Pos()).Line + 1; n > mostBody {
					t.Errorf("%s: %s has %d lines, want at most %d", f.path, fn.Name.Name, n, mostBody)
				}
			}
		}
	}
}
