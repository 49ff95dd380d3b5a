package models

import (
	"fmt"
	"testing"

	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/models/ops"
)

// Seven rows through a program of three: each sum in its place.
func TestReader(t *testing.T) {
	const rows = 3
	g := ops.NewGraph(tensor.Float32, new(ops.Memory))
	x, left := Input(rows, 2)
	y, right := Input(rows, 2)
	a, b := g.Bind("x", x), g.Bind("y", y)
	p, err := g.Compile(g.Sum("sum", a, b))
	if err != nil {
		t.Fatal(err)
	}
	for n, want := range map[int]string{0: "[]", 3: "[0 11 22 33 44 55]", 7: "[0 11 22 33 44 55 66 77 88 99 110 121 132 143]"} {
		var one, two []float32
		for i := range 2 * n {
			one, two = append(one, float32(i)), append(two, float32(10*i))
		}
		out, err := NewReader(rows, p, 1, left, right).Read(n, one, two)
		if err != nil || len(out) != 1 || fmt.Sprint(out[0]) != want {
			t.Errorf("%d rows: %v, %v; want %s", n, out, err, want)
		}
	}
}
