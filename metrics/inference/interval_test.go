package inference

import (
	"strings"
	"testing"
)

// Four seeds are few, five are not.
func TestFewSeeds(t *testing.T) {
	for n, want := range map[int]string{4: "4 values, fewer than 5", 5: ""} {
		values := []float64{0.1, 0.4, 0.2, 0.5, 0.3}[:n]
		i, err := OverSeeds(values, 0.95)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(i.Warnings, "; "); got != want {
			t.Errorf("%d seeds: %q, want %q", n, got, want)
		}
	}
}
