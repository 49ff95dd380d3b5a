package option

import (
	"fmt"
	"slices"
)

// Another is a value that the option allows and that is not its default: half of a
// number where that is allowed, the last other choice, and so on. It is for tests of what
// an option changes.
func (o Option) Another() any {
	switch v := o.Default.(type) {
	case bool:
		return !v
	case int:
		if half := v / 2; half != v && o.within(float64(half)) {
			return half
		}
		return v + 1
	case float64:
		if half := v / 2; half != v && o.within(half) {
			return half
		}
		return v + 0.3*min(1, o.Max-v)
	case string:
		for _, choice := range slices.Backward(o.Choices) {
			if choice != v {
				return choice
			}
		}
		return v + "x"
	case []float64:
		out := slices.Clone(v)
		for i := range out {
			out[i] = max(o.Min, out[i]/2)
		}
		return out
	case []int:
		out := slices.Clone(v)
		for i := range out {
			out[i] = max(int(o.Min), out[i]/2)
		}
		return out
	case []string:
		return append(slices.Clone(v), "x")
	}
	panic(fmt.Sprintf("option: %s has a default of type %T", o.Name, o.Default))
}
