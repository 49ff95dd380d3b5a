package attributes

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
)

// subtypes are what evaluation is told of held-out images: a factor with the name of the option's
// expression and the levels no and yes; nil where the option is empty. It fails where all images
// have one level.
func (t *tableDomain) subtypes(images []string) (*domains.Factors, error) {
	text := t.request.Options.String("subtype")
	if text == "" {
		return nil, nil
	}
	is, err := parseExpression(text, t.table.attributes)
	if err != nil {
		return nil, fmt.Errorf("subtype %q: %w", text, err)
	}
	out, count := &domains.Factors{Names: []string{text}, Categories: [][]string{{"no", "yes"}}}, [2]int{}
	for _, has := range t.rowsOf(images) {
		level := 0
		if is(func(a int) bool { return has[a] }) {
			level = 1
		}
		count[level]++
		out.Values = append(out.Values, []float64{float64(level)})
	}
	if count[0] == 0 || count[1] == 0 {
		return nil, fmt.Errorf("subtype %q: %d test images are no and %d yes, want some of both; say what tells the images that where %q selects apart", text, count[0], count[1], t.request.Options.String("where"))
	}
	return out, nil
}
