package adapt

import (
	"fmt"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/pairwise"
)

func init() {
	Classifiers.Add("knn", ClassifierInfo{
		Name:     "knn",
		Doc:      "share of each class among the k nearest training rows, Euclidean; the lower row is nearer among equals",
		Citation: "T. Cover, P. Hart, Nearest neighbor pattern classification, IEEE Transactions on Information Theory 13, 1967",
		Options:  []option.Option{{Name: "k", Kind: option.Int, Default: 5, Min: 1, Max: 1000, Doc: "neighbours"}},
		Grid:     []option.Values{{"k": 5}, {"k": 1}, {"k": 15}},
		New:      func(s option.Values) Classifier { return &knn{k: s.Int("k"), width: -1} },
	})
}

type knn struct {
	k, width, classes int
	x                 *mat.Dense
	y                 []int
}

func (c *knn) Fit(x *mat.Dense, y []int, classes int) error {
	c.width = -1
	if err := checkFit("knn", x, y, classes); err != nil {
		return err
	}
	n, d := x.Dims()
	if c.k > n {
		return fmt.Errorf("adapt: knn: %d neighbours of %d rows", c.k, n)
	}
	c.x, c.y, c.classes, c.width = mat.DenseCopyOf(x), append([]int(nil), y...), classes, d
	return nil
}

func (c *knn) Probabilities(x *mat.Dense) (*mat.Dense, error) {
	if err := checkPredict("knn", x, c.width); err != nil {
		return nil, err
	}
	n, _ := x.Dims()
	out := mat.NewDense(n, c.classes, nil)
	for i, near := range pairwise.Nearest(x, c.x, c.k) {
		row := out.RawRowView(i)
		for _, b := range near {
			row[c.y[b.Row]] += 1 / float64(c.k)
		}
	}
	return out, nil
}
