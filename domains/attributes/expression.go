package attributes

import (
	"fmt"
	"strings"

	"github.com/venn-adapt/venn/internal/registry"
)

// An expression selects images by their attributes: names joined by & (and) and |
// (or), ! (not) before any of them, and parentheses. ! binds before &, & before |. A name
// of other characters than letters, digits, _, - and . stands in quotes, double or single.
//
//	Smiling & !Eyeglasses
//	Male & !5_o_Clock_Shadow & (Mustache | Goatee | !No_Beard)
//	"Wavy Hair" & !'No "Beard"'
type expression func(has func(attribute int) bool) bool

// parseExpression reads an expression over the named attributes; nil leaves the
// names unchecked. An error names the column, counted from 1, and what was wanted.
func parseExpression(text string, attributes []string) (expression, error) {
	e, _, err := parseNamed(text, attributes)
	return e, err
}

// parseNamed is parseExpression that also lists the attributes that are named, in the
// order of the text; one that is named twice is listed twice.
func parseNamed(text string, attributes []string) (expression, []int, error) {
	p := &expressionParser{text: text, attributes: attributes}
	e, err := p.either()
	if err == nil && p.peek() != 0 {
		err = p.fault("%q, want &, | or the end", p.word())
	}
	return e, p.named, err
}

// namesIn are the attributes that an expression names; of one that cannot be read those
// before the fault.
func namesIn(text string) []string {
	p := &expressionParser{text: text}
	p.either() // faults are Check's to tell
	return p.names
}

type expressionParser struct {
	text       string
	at, depth  int
	attributes []string
	named      []int
	names      []string
}

// deepest bounds the nesting of an expression.
const deepest = 100

// peek skips spaces and returns the next byte, 0 at the end.
func (p *expressionParser) peek() byte {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// word is what stands at the position: a name, with its quotes, or one character.
func (p *expressionParser) word() string { return firstWord(p.text[p.at:]) }

// firstWord is what a text begins with: a name, quotes and all up to the next quote (or
// the end, where there is none), or one character.
func firstWord(text string) string {
	if text != "" && quote(text[0]) {
		if end := strings.IndexByte(text[1:], text[0]); end >= 0 {
			return text[:end+2]
		}
		return text
	}
	end := 0
	for end < len(text) && nameByte(text[end]) {
		end++
	}
	if end > 0 {
		return text[:end]
	}
	for _, r := range text {
		return string(r)
	}
	return ""
}

func quote(b byte) bool { return b == '"' || b == '\'' }

// unquoted is a name without its quotes.
func unquoted(word string) string {
	if len(word) >= 2 && quote(word[0]) && word[len(word)-1] == word[0] {
		return word[1 : len(word)-1]
	}
	return word
}

// spaced is a hint where the name goes on after a space, as that of an attribute does.
func (p *expressionParser) spaced(name string) string {
	for _, a := range p.attributes {
		if strings.HasPrefix(a, name) && strings.HasPrefix(p.text[p.at:], a) {
			return fmt.Sprintf("; a name with spaces stands in quotes, as \"%s\"", a)
		}
	}
	return ""
}

func nameByte(b byte) bool {
	return b == '_' || b == '-' || b == '.' || '0' <= b && b <= '9' || 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || b >= 0x80
}

func (p *expressionParser) fault(format string, args ...any) error {
	return fmt.Errorf("column %d: %s", len([]rune(p.text[:p.at]))+1, fmt.Sprintf(format, args...))
}

func (p *expressionParser) either() (expression, error) {
	return p.joined('|', p.both, func(x, y bool) bool { return x || y })
}

func (p *expressionParser) both() (expression, error) {
	return p.joined('&', p.one, func(x, y bool) bool { return x && y })
}

func (p *expressionParser) joined(by byte, part func() (expression, error), join func(x, y bool) bool) (expression, error) {
	e, err := part()
	for err == nil && p.peek() == by {
		p.at++
		var right expression
		left := e
		if right, err = part(); err == nil {
			e = func(has func(int) bool) bool { return join(left(has), right(has)) }
		}
	}
	return e, err
}

func (p *expressionParser) one() (expression, error) {
	if p.depth++; p.depth > deepest {
		return nil, p.fault("nested deeper than %d", deepest)
	}
	defer func() { p.depth-- }()
	switch c := p.peek(); {
	case c == 0:
		return nil, p.fault("the expression ends, want an attribute")
	case c == '!':
		p.at++
		e, err := p.one()
		return func(has func(int) bool) bool { return !e(has) }, err
	case c == '(':
		open := p.at
		p.at++
		e, err := p.either()
		if err == nil && p.peek() != ')' {
			p.at = open
			err = p.fault("( is not closed")
		}
		p.at++
		return e, err
	case !nameByte(c) && !quote(c):
		return nil, p.fault("%q, want an attribute, ! or (", p.word())
	}
	word := p.word()
	name := unquoted(word)
	switch {
	case quote(word[0]) && (len(word) < 2 || word[len(word)-1] != word[0]):
		return nil, p.fault("%s is not closed", word[:1])
	case name == "":
		return nil, p.fault("no name between the quotes")
	}
	index := 0
	if p.attributes != nil {
		index = -1
		for i, a := range p.attributes {
			if a == name {
				index = i
			}
		}
		if index < 0 {
			return nil, p.fault("unknown attribute %q%s%s", name, registry.DidYouMean(name, p.attributes), p.spaced(name))
		}
	}
	p.at += len(word)
	p.named, p.names = append(p.named, index), append(p.names, name)
	return func(has func(int) bool) bool { return has(index) }, nil
}

// conjuncts are the terms that an expression joins by & outside of any parentheses, with
// single spaces about & and | and none elsewhere, and quotes about names that need them;
// the whole expression where | joins it.
func conjuncts(text string) []string {
	words := bare(words(text))
	var out []string
	depth, from := 0, 0
	for i, w := range words {
		switch {
		case w == "(":
			depth++
		case w == ")":
			depth--
		case w == "|" && depth == 0:
			return []string{written(words)}
		case w == "&" && depth == 0:
			out, from = append(out, written(words[from:i])), i+1
		}
	}
	return append(out, written(words[from:]))
}

// words are names and operators of an expression; a name loses quotes that it can do
// without.
func words(text string) []string {
	var out []string
	p := &expressionParser{text: text}
	for p.peek() != 0 {
		w := p.word()
		p.at += len(w)
		if name := unquoted(w); name != "" && strings.IndexFunc(name, func(r rune) bool { return r < 0x80 && !nameByte(byte(r)) }) < 0 {
			w = name
		}
		out = append(out, w)
	}
	return out
}

// written puts words together again.
func written(words []string) string {
	var b strings.Builder
	for _, w := range words {
		if w == "&" || w == "|" {
			w = " " + w + " "
		}
		b.WriteString(w)
	}
	return b.String()
}

// bare takes off parentheses about a whole expression.
func bare(words []string) []string {
	for len(words) > 1 && words[0] == "(" && words[len(words)-1] == ")" {
		depth := 0
		for i, w := range words {
			switch w {
			case "(":
				depth++
			case ")":
				depth--
			}
			if depth == 0 && i < len(words)-1 {
				return words
			}
		}
		words = words[1 : len(words)-1]
	}
	return words
}

// bareText is bare of a text.
func bareText(text string) string { return written(bare(words(text))) }
