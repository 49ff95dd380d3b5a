package attributes

import (
	"fmt"
	"slices"

	"github.com/venn-adapt/venn/internal/option"
)

// checkTablePair finds domains whose expressions select images of each other, whatever
// the images are. places are the options that say where the images lie: with other ones
// they are other images.
func checkTablePair(places ...string) func(a, b option.Values) []option.Error {
	return func(a, b option.Values) []option.Error {
		for _, place := range places {
			if a.String(place) != b.String(place) {
				return nil
			}
		}
		p, q := a.String("where"), b.String("where")
		problem := ""
		switch pq, qp := implies(p, q), implies(q, p); {
		case pq && qp:
			problem = fmt.Sprintf("%.100q selects the images that %.100q of domain a selects", q, p)
		case pq:
			problem = fmt.Sprintf("%.100q selects every image that %.100q of domain a selects", q, p)
		case qp:
			problem = fmt.Sprintf("%.100q of domain a selects every image that %.100q selects", p, q)
		default:
			return nil
		}
		return []option.Error{{Option: "where", Problem: problem + "; want expressions that exclude each other"}}
	}
}

// mostNamed bounds the attributes whose combinations implies goes through.
const mostNamed = 16

// implies says whether every image that p selects is selected by q, whatever attributes it
// has; not where one of them is no expression, or selects nothing ever.
func implies(p, q string) bool {
	names := slices.DeleteFunc(append(words(p), words(q)...), func(w string) bool { return slices.Contains([]string{"&", "|", "!", "(", ")"}, w) })
	for i, n := range names {
		names[i] = unquoted(n)
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) > mostNamed {
		return slices.Equal(words(p), words(q))
	}
	first, err := parseExpression(p, names)
	if err != nil {
		return false
	}
	second, err := parseExpression(q, names)
	if err != nil {
		return false
	}
	some := false
	for world := range 1 << len(names) {
		has := func(attribute int) bool { return world>>attribute&1 == 1 }
		if !first(has) {
			continue
		}
		if some = true; !second(has) {
			return false
		}
	}
	return some
}
