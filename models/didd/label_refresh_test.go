package didd

import (
	"context"
	"slices"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/models"
)

// Of a target of more images than are read at a time each is given the class of its nearest
// centroid, at the end of the training: those that all images have together.
func TestRefreshByParts(t *testing.T) {
	for _, source := range []domains.Side{domains.A, domains.B} {
		m := newLabelled(t, source, option.Values{"train.iterations": 100, "label.warmup": 20, "label.pseudo": 0.2})
		x, _ := shapes(models.AtOnce+30, 1-source, 3)
		other, _ := shapes(2, source, 3)
		d := &models.Data{}
		d.Images[source], d.Images[1-source] = other, x
		if err := m.Refresh(context.Background(), 100, d); err != nil {
			t.Fatal(err)
		}
		features, logits, err := m.read(x)
		if err != nil {
			t.Fatal(err)
		}
		classes, _ := models.CentroidLabels(features, logits)
		var want []float32
		for _, k := range classes {
			want = append(want, float32(k))
		}
		if !slices.Equal(m.labels.pseudo.Data, want) {
			t.Errorf("from %v: the classes given to %d images are not those of the nearest centroids", source, len(m.labels.pseudo.Data))
		}
		if slices.Min(want) == slices.Max(want) {
			t.Error("all are of one class, which proves little")
		}
	}
}

// Of images that stand out alike the first are given classes, of five the half rounded up.
func TestRefreshOfEqualImages(t *testing.T) {
	m := newLabelled(t, domains.A, option.Values{"train.iterations": 100, "label.warmup": 20, "label.pseudo": 0.2})
	one, _ := shapes(1, domains.B, 3)
	x := &domains.Images{Shape: one.Shape}
	for range 5 {
		x.Data = append(x.Data, one.Data...)
	}
	if err := m.Refresh(context.Background(), 20, &models.Data{Images: [2]*domains.Images{one, x}}); err != nil {
		t.Fatal(err)
	}
	given := m.labels.pseudo.Data
	if k := given[0]; k < 0 || !slices.Equal(given, []float32{k, k, k, -1, -1}) {
		t.Errorf("classes %v, want one of the first three", given)
	}
}
