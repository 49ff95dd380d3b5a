package correctness

import (
	"testing"

	"github.com/venn-adapt/venn/metrics"
	"github.com/venn-adapt/venn/metrics/metricstest"
)

// The walk over every measure of the room: what the contract promises.
func TestMeasures(t *testing.T) {
	metricstest.Room(t, metrics.Correctness, nil)
}
