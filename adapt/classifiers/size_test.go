package classifiers

import (
	"testing"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/rows"
)

// BenchmarkMoments is LDA's covariance of raw pixels.
func BenchmarkMoments(b *testing.B) {
	info, _ := adapt.Classifiers.Get("lda")
	data := blobs(1, 4000, 3072, 10, 2)
	for b.Loop() {
		if _, err := adapt.Tune(info, data, adapt.Labelled{X: rows.Take(data.X, []int{0, 1, 2}), Labels: data.Labels[:3], Classes: 10}); err != nil {
			b.Fatal(err)
		}
	}
}
