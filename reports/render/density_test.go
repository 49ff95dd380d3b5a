package render

import (
	"bytes"
	"testing"
)

// What is shorter than a PNG's header stays as it is.
func TestDensityOfNothing(t *testing.T) {
	short := bytes.Repeat([]byte{7}, 32)
	if got := withDensity(short); !bytes.Equal(got, short) {
		t.Errorf("%v", got)
	}
	header := bytes.Repeat([]byte{7}, 33)
	if got := withDensity(header); len(got) != 33+21 || !bytes.Equal(got[:33], header) {
		t.Errorf("%d bytes", len(got))
	}
}
