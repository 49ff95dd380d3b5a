package domains

import (
	"fmt"

	"github.com/venn-adapt/venn/internal/stream"
)

// An Order says which images make up the batch of each step: the domain is
// shuffled anew each epoch, from a stream keyed (seed, "order", domain, epoch),
// and the short batch at an epoch's end is dropped. It keeps no position, so a
// training can be taken up at any step.
type Order struct {
	seed     uint64
	name     string
	n, batch int
	epoch    int
	indices  []int // of epoch, kept because neighbouring steps ask for it
}

// NewOrder orders n images of the named domain in batches. It fails when a batch
// is larger than the domain.
func NewOrder(seed uint64, name string, n, batch int) (*Order, error) {
	if batch < 1 || batch > n {
		return nil, fmt.Errorf("domains: %s has %d images, too few for a batch of %d; lower model.train.batch", name, n, batch)
	}
	return &Order{seed: seed, name: name, n: n, batch: batch, epoch: -1}, nil
}

// Batch lists the images of the batch of a step, counted from 0. The slice is
// valid until the next call.
func (o *Order) Batch(step int) []int {
	perEpoch := o.n / o.batch
	if epoch := step / perEpoch; epoch != o.epoch {
		o.indices = stream.Permutation(stream.New(o.seed, "order", o.name, epoch), o.n)
		o.epoch = epoch
	}
	at := step % perEpoch * o.batch
	return o.indices[at : at+o.batch]
}
