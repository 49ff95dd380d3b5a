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
// attributes' places in Population.Attributes.
type Condition func(has func(attribute int) bool) bool

// Attributes are the names of all attributes.
func (p *Population) Attributes() []string { return slices.Clone(p.t.table.attributes) }

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

// shares are the shares of a split's images that have each attribute.
func (p *Population) shares(s Split) []float64 {
	row := map[string]int{}
	for i, name := range p.t.table.images {
		row[name] = i
	}
	out := make([]float64, len(p.t.table.attributes))
	for _, name := range s.Names {
		for k, yes := range p.t.table.has[row[name]] {
			if yes {
				out[k] += 1 / float64(len(s.Names))
			}
		}
	}
	return out
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

// nearlyAll is the share of a domain's training images from which on an attribute is
// taken for one that the domain has, and below 1 - nearlyAll for one that it lacks.
const nearlyAll = 0.95

// Own is an expression for what each of two domains of one population has and the other
// lacks: the attributes that nearly all training images of the one have and nearly none
// of the other, joined by &; empty where there is none. Smiling and Eyeglasses, for
// "Smiling & !Eyeglasses" and "!Smiling & Eyeglasses".
func (p *Population) Own(a, b *Domain) (own [2]string) {
	shares := [2][]float64{p.shares(a.Train), p.shares(b.Train)}
	for side := range own {
		var names []string
		for k, name := range p.t.table.attributes {
			if shares[side][k] >= nearlyAll && shares[1-side][k] <= 1-nearlyAll {
				names = append(names, name)
			}
		}
		own[side] = strings.Join(names, " & ")
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
