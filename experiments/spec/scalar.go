package spec

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/token"
)

// A place is a line and a column of a text, from 1.
type place struct{ line, column int }

func (p place) in(source string) Position { return Position{source, p.line, p.column} }

// unreadable finds the first byte that YAML does not take: not UTF-8, or a character that
// cannot be printed. The problem is empty where there is none.
func unreadable(text []byte) (at place, problem string) {
	if bytes.HasPrefix(text, []byte("\xff\xfe")) || bytes.HasPrefix(text, []byte("\xfe\xff")) {
		return place{1, 1}, "a text in UTF-16, by its byte order mark; save it as UTF-8"
	}
	at = place{1, 1}
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			return at, fmt.Sprintf("byte %#02x is not UTF-8; save the text as UTF-8", text[i])
		case r == '\ufeff':
			return at, "a byte order mark within the text; take it out"
		}
		if r, found := control(string(r)); found {
			return at, fmt.Sprintf("the control character %U; take it out", r)
		}
		at.column++
		if r == '\n' {
			at = place{at.line + 1, 1}
		}
		i += size
	}
	return at, ""
}

// control finds the first character of a text that is for no reader: a control character
// other than tabs and line ends.
func control(text string) (r rune, found bool) {
	at := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\t\n\r\u0085", r) })
	if at < 0 {
		return 0, false
	}
	r, _ = utf8.DecodeRuneInString(text[at:])
	return r, true
}

// text is a value that YAML calls a string, of the content read; escapes in it are as
// little allowed to hide characters as the text around it.
func (b *treeBuilder) text(at Position, path, content string, value any) *node {
	if r, found := control(content); found {
		b.fault(at, path, fmt.Sprintf("holds the control character %U; take it out", r))
		return &node{at: at, faulty: true}
	}
	if !utf8.ValidString(content) {
		b.fault(at, path, "holds what is not UTF-8")
		return &node{at: at, faulty: true}
	}
	if s, ok := value.(string); ok {
		return &node{at: at, scalar: s}
	}
	return b.number(at, path, content, value)
}

var (
	decimal = regexp.MustCompile(`^[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?$`)
	// oneNumber is what every reader of YAML takes for the same number: decimal without
	// leading zeros, or hexadecimal.
	oneNumber = regexp.MustCompile(`^[-+]?((0|[1-9][0-9]*)(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?$|^0x[0-9a-fA-F]+$`)
)

// number is a value that is written as a number. It is a fault where versions of YAML
// disagree on which: 010 is 8 in 1.1 and 10 in 1.2, 0o10 is 8 in 1.2 alone, and 1_000 and
// 0b10 are numbers in 1.1 alone.
func (b *treeBuilder) number(at Position, path, written string, value any) *node {
	if !oneNumber.MatchString(written) {
		b.fault(at, path, fmt.Sprintf("%.40s is another number, or none, in another version of YAML; want it in decimal, without leading zeros and underscores", written))
		return &node{at: at, faulty: true}
	}
	return &node{at: at, scalar: value}
}

// plainNumber reads unquoted 2e-4 as the number that YAML 1.2 says it is; the
// parser follows YAML 1.1, where it is text for want of a decimal point.
func plainNumber(s *ast.StringNode) any {
	if s.Token.Type == token.StringType && decimal.MatchString(s.Value) {
		if f, err := strconv.ParseFloat(s.Value, 64); err == nil {
			return f
		}
	}
	return s.Value
}
