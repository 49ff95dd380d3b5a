package option

import (
	"reflect"
	"testing"
)

func TestAnother(t *testing.T) {
	for _, tt := range []struct {
		o    Option
		want any
	}{
		{Option{Kind: Bool, Default: true}, false},
		{Option{Kind: Int, Default: 9, Min: 1, Max: 20}, 4},
		{Option{Kind: Int, Default: 3, Min: 2, Max: 20}, 4},
		{Option{Kind: Int, Default: 0, Min: 0, Max: 20}, 1},
		{Option{Kind: Float, Default: 1.0, Min: 0, Max: 2}, 0.5},
		{Option{Kind: Float, Default: 1.0, Min: 0.8, Max: 2}, 1.3},
		{Option{Kind: Float, Default: 0.0, Min: 0, Max: 0.5}, 0.15},
		{Option{Kind: Choice, Default: "c", Choices: []string{"a", "b", "c"}}, "b"},
		{Option{Kind: String, Default: ""}, "x"},
		{Option{Kind: Floats, Default: []float64{1, 0.4}, Min: 0.3, Max: 2}, []float64{0.5, 0.3}},
		{Option{Kind: Ints, Default: []int{8, 2}, Min: 2, Max: 9}, []int{4, 2}},
	} {
		if got := tt.o.Another(); !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%+v: %v, want %v", tt.o, got, tt.want)
		}
		if _, err := tt.o.Check(plainOf(tt.o.Another())); err != nil {
			t.Errorf("%+v: %v", tt.o, err)
		}
	}
}

// plainOf is a value as a spec would give it.
func plainOf(v any) any {
	list := reflect.ValueOf(v)
	if list.Kind() != reflect.Slice {
		return v
	}
	out := []any{}
	for i := range list.Len() {
		out = append(out, list.Index(i).Interface())
	}
	return out
}
