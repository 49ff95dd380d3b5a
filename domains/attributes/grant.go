package attributes

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/registry"
)

// grantOf refuses attributes that the table does not list, and those that the expression of
// the label or of the subtype reads: a training that saw them would see what it may not. attributes is nil where
// they are not known yet.
func grantOf(attributes []string) func(o option.Values, attribute string) error {
	return func(o option.Values, attribute string) error {
		if attributes != nil && !slices.Contains(attributes, attribute) {
			return fmt.Errorf("unknown attribute %q%s", attribute, registry.DidYouMean(attribute, attributes))
		}
		if label := o.String("label"); slices.Contains(namesIn(label), attribute) {
			return fmt.Errorf("%q is read by label %q, and no training may see what a label reads; grant others", attribute, label)
		}
		if subtype := o.String("subtype"); slices.Contains(namesIn(subtype), attribute) {
			return fmt.Errorf("%q is read by subtype %q, which only evaluation may know; grant others", attribute, subtype)
		}
		return nil
	}
}

// Granted opens the named columns of images, as domains.Population has it.
func (p population) Granted(images, columns []string) ([][]bool, error) {
	places := make([]int, len(columns))
	for i, column := range columns {
		if err := grantOf(p.t.table.attributes)(p.t.request.Options, column); err != nil {
			return nil, fmt.Errorf("domains: %s: %w", p.t.dataset, err)
		}
		places[i] = slices.Index(p.t.table.attributes, column)
	}
	out := make([][]bool, len(images))
	for i, has := range p.t.rowsOf(images) {
		for _, k := range places {
			out[i] = append(out[i], has[k])
		}
	}
	return out, nil
}
