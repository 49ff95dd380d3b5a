package models

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// A keeper keeps values by sample, of a number of samples that it learns later.
type keeper struct {
	Model
	ps   *Parameters
	rows *Parameter
}

func newKeeper(width int) *keeper {
	k := &keeper{ps: NewParameters()}
	k.ps.Add("weight", false, 2)
	k.rows = k.ps.AddRows("labels", width)
	return k
}

func (k *keeper) Parameters() *Parameters  { return k.ps }
func (k *keeper) Optimisers() []*Optimiser { return nil }

// A checkpoint keeps as many rows as there are, none before the training set is known; rows of
// another width are refused and nothing is changed.
func TestRowsInCheckpoints(t *testing.T) {
	for _, n := range []int{0, 1, 5} {
		from, to, other := newKeeper(3), newKeeper(3), newKeeper(4)
		from.rows.Resize(n)
		for i := range from.rows.Data {
			from.rows.Data[i] = float32(i) + 0.5
		}
		dir := t.TempDir()
		if err := SaveCheckpoint(dir, "job", 7, from); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "step-000000007.safetensors")
		to.rows.Resize(2)
		if _, err := LoadCheckpoint(path, "job", to); err != nil || !slices.Equal(to.rows.Shape, []int{n, 3}) || !slices.Equal(to.rows.Data, from.rows.Data) {
			t.Errorf("%d rows: %v of %v, %v", n, to.rows.Data, to.rows.Shape, err)
		}
		if _, err := LoadCheckpoint(path, "job", other); !errors.Is(err, ErrCheckpoint) || !strings.Contains(err.Error(), "want F32 of [0 4]") || other.rows.Shape[0] != 0 {
			t.Errorf("%d rows of another width: %v", n, err)
		}
	}
}

// Resizing to the same number keeps what is there.
func TestResize(t *testing.T) {
	p := NewParameters().AddRows("labels", 2)
	p.Resize(2)
	p.Data[3] = 1
	if p.Resize(2); !slices.Equal(p.Data, []float32{0, 0, 0, 1}) {
		t.Errorf("the same number of rows: %v", p.Data)
	}
	if p.Resize(1); !slices.Equal(p.Data, []float32{0, 0}) {
		t.Errorf("fewer rows: %v", p.Data)
	}
}
