package attributes

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/domains"
)

// A population is a table of attributes with the images that it lists.
type population struct{ t *tableDomain }

// Where, Condition, Same, Own and Load are those of domains.Population.
func (p population) Where() string { return p.t.request.Options.String("where") }

// Condition reads an expression over the attributes and lists, in ascending order, the
// places of those that it names. An error gives the column.
func (p population) Condition(text string) (is domains.Condition, named []int, err error) {
	e, named, err := parseNamed(text, p.t.table.attributes)
	if err != nil {
		return nil, nil, err
	}
	slices.Sort(named)
	return domains.Condition(e), slices.Compact(named), nil
}

// Same says whether the other population is of the same table and images.
func (p population) Same(other domains.Population) bool {
	q, ok := other.(population)
	return ok && p.t.dataset == q.t.dataset && p.t.images == q.t.images && p.t.tableFile.SHA256 == q.t.tableFile.SHA256
}

// Own is an expression for what each of two domains of one population has and the other
// lacks: of the terms that its own expression joins by &, those that the other's negates,
// joined again; empty where there is none. For "Male & (Mustache | Goatee) & !Smiling" and
// "Male & !(Mustache | Goatee) & Smiling" it is "Mustache | Goatee" and "Smiling".
func (p population) Own(other domains.Population) (own [2]string) {
	terms := [2][]string{conjuncts(p.Where()), conjuncts(other.Where())}
	for side := range own {
		var mine []string
		for _, term := range terms[side] {
			if !strings.HasPrefix(term, "!") && slices.ContainsFunc(terms[1-side], func(t string) bool {
				negated, ok := strings.CutPrefix(t, "!")
				return ok && bareText(negated) == bareText(term)
			}) {
				mine = append(mine, term)
			}
		}
		if own[side] = strings.Join(mine, " & "); len(mine) == 1 {
			own[side] = bareText(own[side])
		}
	}
	return own
}

// Load reads the whole population at the shape of the domain that it was taken from. An
// image is held out as the dataset's split says or, where that split is made of the
// first images of each domain, by a draw; no test image of a domain of the study is
// among the training images. Errors as those of the dataset, and a split that leaves nothing.
func (p population) Load(ctx context.Context, study ...*domains.Domain) (train, test domains.Attributed, err error) {
	heldOut := map[string]bool{}
	for _, d := range study {
		for _, name := range d.Test.Names {
			heldOut[name] = true
		}
	}
	t := *p.t
	if t.split == "first" {
		t.split = "seeded"
	}
	store, err := openStore(t.images)
	if err != nil {
		return train, test, fmt.Errorf("domains: %s: %w", t.dataset, err)
	}
	defer store.close()
	trainRows, testRows := t.parts(domains.Every(len(t.table.images)))
	trainRows = slices.DeleteFunc(trainRows, func(i int) bool { return heldOut[t.table.images[i]] })
	for _, part := range []struct {
		name string
		rows []int
		set  *domains.Attributed
	}{{"all train", trainRows, &train}, {"all test", testRows, &test}} {
		if len(part.rows) == 0 {
			return train, test, fmt.Errorf("domains: %s: the split leaves no images of %d to judge with: %s", t.dataset, len(t.table.images), part.name)
		}
		var split domains.Split
		if err := t.read(ctx, store, &domains.Domain{}, part.name, part.rows, nil, &split); err != nil {
			return train, test, fmt.Errorf("domains: %s: %w", t.dataset, err)
		}
		*part.set = domains.Attributed{Images: split.Images, Attributes: t.attributesOf(split.Names), Checksum: split.Checksum()}
	}
	train.Images.Mirror = t.request.Options.Bool("mirror")
	return train, test, nil
}

// attributesOf seals the rows of the table of the named images.
func (t *tableDomain) attributesOf(names []string) domains.Attributes {
	return domains.NewAttributes(t.table.attributes, t.rowsOf(names))
}

// rowsOf are the rows of the table of the named images.
func (t *tableDomain) rowsOf(names []string) [][]bool {
	row := make(map[string][]bool, len(t.table.images))
	for i, name := range t.table.images {
		row[name] = t.table.has[i]
	}
	var has [][]bool
	for _, name := range names {
		has = append(has, row[name])
	}
	return has
}

// CheckCondition finds faults of an expression that show without its attributes.
func CheckCondition(text string) error {
	_, err := parseExpression(text, nil)
	return err
}
