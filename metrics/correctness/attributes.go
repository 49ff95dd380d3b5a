package correctness

import (
	"bufio"
	"bytes"
	"fmt"
	"path"
	"strconv"
	"strings"
	"unicode"
)

// Attributes are the values read from named images.
type Attributes struct {
	Source string   // for errors: where they were read
	Names  []string // without the extension
	Values [][]int  // by column
	Lines  []int    // of the text, from 1

	rows map[string]int // by name
}

// longestName bounds the work on a name: every underscore may be the one between content and guide.
const longestName = 1024

// ParseAttributes reads a line an image: its name and that many whole numbers, with spaces between. It fails, naming source
// and line, on a line of other fields and on a name that comes twice.
func ParseAttributes(source string, text []byte, columns int) (*Attributes, error) {
	a := &Attributes{Source: source, rows: map[string]int{}}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	n := 0
	for lines.Scan() {
		n++
		fields := strings.Fields(lines.Text())
		if len(fields) == 0 {
			continue
		}
		if len(fields) != columns+1 {
			return nil, fmt.Errorf("%s:%d: %d fields, want a name and %d whole numbers with spaces between", source, n, len(fields), columns)
		}
		name := stem(fields[0])
		if len(name) > longestName {
			return nil, fmt.Errorf("%s:%d: a name of %d bytes, want at most %d", source, n, len(name), longestName)
		}
		if row, twice := a.rows[name]; twice {
			return nil, fmt.Errorf("%s:%d: %.60q comes a second time, first on line %d", source, n, name, a.Lines[row])
		}
		values := make([]int, columns)
		for j, field := range fields[1:] {
			v, err := strconv.Atoi(field)
			if err != nil {
				return nil, fmt.Errorf("%s:%d: column %d is %.60q, want a whole number", source, n, j+2, field)
			}
			values[j] = v
		}
		a.rows[name] = len(a.Names)
		a.Names, a.Values, a.Lines = append(a.Names, name), append(a.Values, values), append(a.Lines, n)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("%s:%d: %w", source, n+1, err)
	}
	if len(a.Names) == 0 {
		return nil, fmt.Errorf("%s: no line, want a name and %d whole numbers a line", source, columns)
	}
	return a, nil
}

// stem is a file's name without an extension that holds a letter: that of img.1 is all of it.
func stem(name string) string {
	if ext := path.Ext(name); strings.ContainsFunc(ext, unicode.IsLetter) {
		return strings.TrimSuffix(name, ext)
	}
	return name
}

// PairsOf joins translations, named CONTENT_GUIDE_ or CONTENT_GUIDE, to the attributes of the originals. The direction is
// that of the content's domain: A where the factor that says the domain has its constant. It fails where factors name no
// domain or several other values stand for B, and on a translation whose name is not that of two originals of the two
// domains, or of several such pairs.
func PairsOf(original, translated *Attributes, factors []Factor) ([]Pair, error) {
	flag := -1
	for f, factor := range factors {
		if factor.Kind == Domain {
			flag = f
		}
	}
	if flag < 0 {
		return nil, fmt.Errorf("no factor says which domain an image is of")
	}
	first := -1 // image of B
	for i, values := range original.Values {
		switch v := values[flag]; {
		case v == factors[flag].Constant:
		case first < 0:
			first = i
		case v != original.Values[first][flag]:
			return nil, fmt.Errorf("%s:%d: %s is %d, but a is %d and b, on line %d, %d", original.Source, original.Lines[i], factors[flag].Name, v, factors[flag].Constant, original.Lines[first], original.Values[first][flag])
		}
	}
	pairs := make([]Pair, len(translated.Names))
	for i, name := range translated.Names {
		x, y, err := original.split(name)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %w", translated.Source, translated.Lines[i], err)
		}
		p := Pair{BToA, original.Values[x], original.Values[y], translated.Values[i]}
		if p.Content[flag] == factors[flag].Constant {
			p.Direction = AToB
		}
		if p.Content[flag] == p.Guide[flag] {
			return nil, fmt.Errorf("%s:%d: content %.60q and guide %.60q are of one domain, %s %d", translated.Source, translated.Lines[i], original.Names[x], original.Names[y], factors[flag].Name, p.Guide[flag])
		}
		pairs[i] = p
	}
	return pairs, nil
}

// split finds the originals that a translation is named after.
func (a *Attributes) split(name string) (content, guide int, err error) {
	trimmed := strings.TrimSuffix(name, "_")
	found := 0
	for i := range trimmed {
		if trimmed[i] != '_' {
			continue
		}
		x, ok := a.rows[trimmed[:i]]
		y, also := a.rows[trimmed[i+1:]]
		if ok && also {
			content, guide = x, y
			found++
		}
	}
	if found != 1 {
		return 0, 0, fmt.Errorf("%.60q is the name of %d pairs of images of %s, want one, as CONTENT_GUIDE_", name, found, a.Source)
	}
	return content, guide, nil
}
