package experiments

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/option"
)

// A batch that only the data shows to be too large is found when they are read.
func TestCheckBatch(t *testing.T) {
	of := func(n int) *domains.Domain {
		shape := domains.Shape{Channels: 1, Height: 1, Width: 2}
		return &domains.Domain{Train: domains.Split{Images: &domains.Images{Shape: shape, Data: make([]float32, 2*n)}}}
	}
	for _, tt := range []struct {
		name string
		a, b int
		want string
	}{
		{"as many", 4, 4, ""},
		{"a", 3, 9, "experiments: toy.yaml:7: model.train.batch: 4, but domain a has 3 training images; want a batch of at most as many"},
		{"b", 9, 1, "experiments: toy.yaml:7: model.train.batch: 4, but domain b has 1 training images; want a batch of at most as many"},
	} {
		w := &job{domains: [2]*domains.Domain{of(tt.a), of(tt.b)}}
		w.Spec.Model.Options = option.Values{"train.batch": 4}
		w.Spec.Parameters = []spec.Parameter{{Path: "model.train.batch", Value: 4, Origin: "toy.yaml:7"}}
		if got := oneLine(w.checkBatch()); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.name, got, tt.want)
		}
	}
}

// The bounds of the parser hold where a run's spec is looked at in passing, too.
func TestStatusIsBounded(t *testing.T) {
	dir := t.TempDir()
	for text, want := range map[string]int{
		strings.Repeat("[", 60000):                         0,
		"model: {train: {iterations: 30}}\n":               30,
		"\ufeffmodel: {train: {iterations: 31}}\n":         31,
		"model: {train: {iterations: 99999999999999}}\n":   0,
		"model: {train: {iterations: thirty}}\n":           0,
		"model: &a {train: *a}\n":                          0,
		"model: {train: {iterations: 1, iterations: 2}}\n": 1,
	} {
		if err := os.WriteFile(filepath.Join(dir, "resolved.yaml"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, steps, err := trained(dir); steps != want || err != nil || time.Since(start) > 10*time.Second {
			t.Errorf("%.40q: %d steps, %v, after %v, want %d", text, steps, err, time.Since(start), want)
		}
	}
}
