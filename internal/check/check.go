// Package check compares what tests get with what they want.
package check

import (
	"fmt"
	"math"
	"testing"
)

// Equal compares how two things print.
func Equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if g, w := fmt.Sprint(got), fmt.Sprint(want); g != w {
		t.Errorf("%s is %s, want %s", what, g, w)
	}
}

// Close compares two numbers; no number is close to NaN.
func Close(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s is %v, want %v", what, got, want)
	}
}
