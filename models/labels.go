package models

import (
	"fmt"
	"slices"
)

// FillLabels writes labels of so many classes as the losses take them. A class that there is
// not is a mistake of the caller.
func FillLabels(dst []float32, labels []int, classes int) error {
	if len(labels) != len(dst) {
		return fmt.Errorf("models: %d labels, want %d", len(labels), len(dst))
	}
	if low, high := slices.Min(labels), slices.Max(labels); low < 0 || high >= classes {
		return fmt.Errorf("models: labels from %d to %d, want 0 to %d", low, high, classes-1)
	}
	for i, l := range labels {
		dst[i] = float32(l)
	}
	return nil
}
