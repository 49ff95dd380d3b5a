package evaluate

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"testing"
)

// A line a sample, probabilities to six digits; numbers that do not match are a mistake.
func TestPredictionLines(t *testing.T) {
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	p := prediction{"adaptation", "r", "knn", "b", "train", []int{7, 9}, []int{1, 0}, matrixOf([][]float64{{1. / 3, 2. / 3}, {0.12345678, 1e-9}})}
	if err := p.write(c, []string{"p", "q"}); err != nil {
		t.Fatal(err)
	}
	c.Flush()
	equal(t, "lines", b.String(), "adaptation,r,knn,b,train,7,q,q,0.333333,0.666667\nadaptation,r,knn,b,train,9,p,p,0.123457,1e-09\n")
	p.samples = []int{7}
	if err := p.write(c, nil); fmt.Sprint(err) != "predictions of r: 2 for 2 labels and 1 samples" {
		t.Errorf("a sample too few: %v", err)
	}
	p.samples, p.truth = nil, []int{1}
	if err := p.write(c, nil); fmt.Sprint(err) != "predictions of r: 2 for 1 labels and 0 samples" {
		t.Errorf("a label too few: %v", err)
	}
}
