package domains

import (
	"fmt"
	"strings"

	"github.com/venn-adapt/venn/internal/registry"
)

// An expression selects images by their attributes: names joined by & (and) and |
// (or), ! (not) before any of them, and parentheses. ! binds before &, & before |.
//
//	Smiling & !Eyeglasses
//	Male & !5_o_Clock_Shadow & (Mustache | Goatee | !No_Beard)
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

type expressionParser struct {
	text       string
	at, depth  int
	attributes []string
	named      []int
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

// word is what stands at the position, for an error: a name, or one character.
func (p *expressionParser) word() string {
	end := p.at
	for end < len(p.text) && nameByte(p.text[end]) {
		end++
	}
	if end > p.at {
		return p.text[p.at:end]
	}
	for _, r := range p.text[p.at:] {
		return string(r)
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
	case !nameByte(c):
		return nil, p.fault("%q, want an attribute, ! or (", p.word())
	}
	name := p.word()
	index := 0
	if p.attributes != nil {
		index = -1
		for i, a := range p.attributes {
			if a == name {
				index = i
			}
		}
		if index < 0 {
			return nil, p.fault("unknown attribute %q%s", name, registry.DidYouMean(name, p.attributes))
		}
	}
	p.at += len(name)
	p.named = append(p.named, index)
	return func(has func(int) bool) bool { return has(index) }, nil
}

// conjuncts are the terms that an expression joins by & outside of any parentheses, with
// single spaces about & and | and none elsewhere; the whole expression where | joins it.
func conjuncts(text string) []string {
	text = strings.NewReplacer("&", " & ", "|", " | ").Replace(strings.Join(strings.Fields(text), ""))
	text = bare(text)
	var out []string
	depth, from := 0, 0
	for i, b := range []byte(text) {
		switch {
		case b == '(':
			depth++
		case b == ')':
			depth--
		case b == '|' && depth == 0:
			return []string{text}
		case b == '&' && depth == 0:
			out, from = append(out, strings.TrimSpace(text[from:i])), i+1
		}
	}
	return append(out, strings.TrimSpace(text[from:]))
}

// bare takes off parentheses about a whole expression.
func bare(text string) string {
	for strings.HasPrefix(text, "(") && strings.HasSuffix(text, ")") {
		depth := 0
		for i, b := range []byte(text) {
			if b == '(' {
				depth++
			} else if b == ')' {
				depth--
			}
			if depth == 0 && i < len(text)-1 {
				return text
			}
		}
		text = text[1 : len(text)-1]
	}
	return text
}
