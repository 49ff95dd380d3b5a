package experiments

import (
	"fmt"

	"github.com/venn-adapt/venn/domains"
)

// checkBatch finds before the training a batch that is larger than a domain, which a plan
// can say only of data whose size it knows.
func (w *job) checkBatch() error {
	batch := w.Spec.Model.Options.Int("train.batch")
	for i, d := range w.domains {
		if n := d.Train.Images.Len(); batch > n {
			return fmt.Errorf("experiments: %s: model.train.batch: %d, but domain %s has %d training images; want a batch of at most as many",
				w.Spec.Origin("model.train.batch"), batch, domains.Side(i), n)
		}
	}
	return nil
}
