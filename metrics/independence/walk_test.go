package independence

import (
	"testing"

	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/metricstest"
)

// The walk over every measure of the room: what the contract promises.
func TestMeasures(t *testing.T) {
	weak := metricstest.Options{Weak: "it sees few of the pairs of rows"}
	metricstest.Room(t, metrics.Independence, map[string]metricstest.Options{"hsic-linear-time": weak, "hsic-block": weak})
}
