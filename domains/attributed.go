package domains

import (
	"context"
	"fmt"
	"slices"
)

// Attributes say which named attributes each of n images has. Like Truth they are for
// evaluation alone: the test that lists the callers of Truth.Reveal lists those of
// this one too.
type Attributes struct {
	names []string
	has   [][]bool
}

// NewAttributes seals what is known of images: has holds a row an image, and in it an entry
// an attribute.
func NewAttributes(names []string, has [][]bool) Attributes {
	return Attributes{names: slices.Clone(names), has: has}
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

// A Condition says whether an image with some of the attributes is meant, by the
// attributes' places in Attributes.Names.
type Condition func(has func(attribute int) bool) bool

// A Population is all of a dataset that lists attributes, out of which its domains are
// chosen: what judges of translations are trained and tested on.
type Population interface {
	// Where is the expression that chose the domain out of the population.
	Where() string
	// Condition reads an expression over the attributes and lists, in ascending order, the
	// places of those that it names. An error gives the column.
	Condition(text string) (is Condition, named []int, err error)
	// Granted opens the named attributes, and no others, of images by their names: a row an
	// image, an entry a column, in the order asked for. It refuses what Dataset.Grant refuses.
	Granted(images, columns []string) ([][]bool, error)
	// Same says whether the other population is of the same table and images.
	Same(other Population) bool
	// Own is an expression for what each of two domains of one population has and the other
	// lacks; empty where there is none.
	Own(other Population) (own [2]string)
	// Load reads the whole population at the shape of the domain that it was taken from. No
	// test image of a domain of the study is among the training images. Errors as those of
	// the dataset, and a split that leaves nothing.
	Load(ctx context.Context, study ...*Domain) (train, test Attributed, err error)
}

// SamePopulation is the population that both domains are chosen from; nil where there is
// none, or each has its own.
func SamePopulation(a, b *Domain) Population {
	if p, q := a.Population, b.Population; p != nil && q != nil && p.Same(q) {
		return p
	}
	return nil
}

// Disjoint fails when the two domains of a study share an image: what both hold
// cannot tell what each has of its own.
func Disjoint(a, b *Domain) error {
	if a.Name != b.Name {
		return nil
	}
	in := map[string]bool{}
	for _, s := range []Split{a.Train, a.Test} {
		for _, name := range s.Names {
			in[name] = true
		}
	}
	count, first := 0, ""
	for _, s := range []Split{b.Train, b.Test} {
		for _, name := range s.Names {
			if in[name] {
				if count++; count == 1 {
					first = name
				}
			}
		}
	}
	if count > 0 {
		return fmt.Errorf("domains: %s: where %q and where %q both select %d images, the first %s; want expressions that exclude each other",
			a.Name, a.Lock.Options["where"], b.Lock.Options["where"], count, first)
	}
	return nil
}
