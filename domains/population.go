package domains

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Attributes say which named attributes each of n images has. Like Truth they are for
// evaluation alone: the test that lists the callers of Truth.Reveal lists those of
// this one too.
type Attributes struct {
	names []string
	has   [][]bool
}

// Names are the attributes, in the order of the dataset's table.
func (a Attributes) Names() []string { return a.names }

// Reveal opens the attributes: one row an image, one entry an attribute.
func (a Attributes) Reveal() [][]bool { return a.has }

// An Attributed is a set of images of a population with what is known of them.
type Attributed struct {
	Images     *Images
	Attributes Attributes
	Checksum   string // of the images, as Lock.Samples has it
}

// A Population is all of a dataset that lists attributes, out of which its domains are
// chosen: what judges of translations are trained and tested on.
type Population struct{ t *tableDomain }

// A Condition says whether an image with some of the attributes is meant, by the
// attributes' places in Attributes.Names.
type Condition func(has func(attribute int) bool) bool

// Where is the expression that chose the domain out of the population.
func (p *Population) Where() string { return p.t.request.Options.String("where") }

// Condition reads an expression over the attributes and lists, in ascending order, the
// places of those that it names. An error gives the column.
func (p *Population) Condition(text string) (is Condition, named []int, err error) {
	e, named, err := parseNamed(text, p.t.table.attributes)
	if err != nil {
		return nil, nil, err
	}
	slices.Sort(named)
	return Condition(e), slices.Compact(named), nil
}

// CheckCondition finds faults of an expression that show without its attributes.
func CheckCondition(text string) error {
	_, err := parseExpression(text, nil)
	return err
}

// SamePopulation is the population that both domains are chosen from; nil where there is
// none, or each has its own.
func SamePopulation(a, b *Domain) *Population {
	p, q := a.Population, b.Population
	if p == nil || q == nil || p.t.dataset != q.t.dataset || p.t.images != q.t.images || p.t.tableFile.SHA256 != q.t.tableFile.SHA256 {
		return nil
	}
	return p
}

// Own is an expression for what each of two domains of one population has and the other
// lacks: of the terms that its own expression joins by &, those that the other's negates,
// joined again; empty where there is none. For "Male & (Mustache | Goatee) & !Smiling" and
// "Male & !(Mustache | Goatee) & Smiling" it is "Mustache | Goatee" and "Smiling".
func (p *Population) Own(other *Population) (own [2]string) {
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
func (p *Population) Load(ctx context.Context, study ...*Domain) (train, test Attributed, err error) {
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
	trainRows, testRows := t.parts(every(len(t.table.images)))
	trainRows = slices.DeleteFunc(trainRows, func(i int) bool { return heldOut[t.table.images[i]] })
	for _, part := range []struct {
		name string
		rows []int
		set  *Attributed
	}{{"all train", trainRows, &train}, {"all test", testRows, &test}} {
		if len(part.rows) == 0 {
			return train, test, fmt.Errorf("domains: %s: the split leaves no images of %d to judge with: %s", t.dataset, len(t.table.images), part.name)
		}
		var split Split
		if err := t.read(ctx, store, &Domain{}, part.name, part.rows, nil, &split); err != nil {
			return train, test, fmt.Errorf("domains: %s: %w", t.dataset, err)
		}
		*part.set = Attributed{split.Images, t.attributesOf(split.Names), split.checksum()}
	}
	train.Images.Mirror = t.request.Options.Bool("mirror")
	return train, test, nil
}

// attributesOf seals the rows of the table of the named images.
func (t *tableDomain) attributesOf(names []string) Attributes {
	row := make(map[string][]bool, len(t.table.images))
	for i, name := range t.table.images {
		row[name] = t.table.has[i]
	}
	a := Attributes{names: slices.Clone(t.table.attributes)}
	for _, name := range names {
		a.has = append(a.has, row[name])
	}
	return a
}
