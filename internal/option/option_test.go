package option

import (
	"math"
	"reflect"
	"testing"
)

func TestCheck(t *testing.T) {
	size := Option{Name: "size", Kind: Int, Min: 8, Max: 512}
	rate := Option{Name: "rate", Kind: Float, Min: 0, Max: 1}
	betas := Option{Name: "betas", Kind: Floats, Length: 2, Min: 0, Max: 1}
	names, pair := Option{Name: "names", Kind: Names}, Option{Name: "pair", Kind: Names, Length: 2}
	fit := Option{Name: "fit", Kind: Choice, Choices: []string{"pad", "stretch"}}
	for _, tt := range []struct {
		o    Option
		in   any
		want any
		err  string
	}{
		{size, uint64(32), 32, ""},
		{size, 32.0, 32, ""},
		{size, 32.5, nil, "32.5, want an integer from 8 to 512"},
		{size, uint64(4), nil, "4, want an integer from 8 to 512"},
		{size, "big", nil, `"big", want an integer from 8 to 512`},
		{rate, uint64(1), 1.0, ""},
		{rate, math.NaN(), nil, "NaN, want a number from 0 to 1"},
		{rate, nil, nil, "nothing, want a number from 0 to 1"},
		{betas, []any{0.5, 0.999}, []float64{0.5, 0.999}, ""},
		{betas, []any{0.5}, nil, "a list of 1, want a list of numbers of length 2 from 0 to 1"},
		{names, []any{"a b", "c"}, []string{"a b", "c"}, ""},
		{names, []any{}, []string{}, ""},
		{names, []any{"a", 1}, nil, "a list of 2, want a list of names"},
		{names, []any{""}, nil, "a list of 1, want a list of names"},
		{names, "a", nil, `"a", want a list of names`},
		{names, []any{"a", "b", "a"}, nil, `"a" twice, want each name once`},
		{pair, []any{"a"}, nil, "a list of 1, want a list of names of length 2"},
		{fit, "pad", "pad", ""},
		{fit, "crop", nil, `"crop", want one of pad, stretch`},
	} {
		got, err := tt.o.Check(tt.in)
		msg := ""
		if err != nil {
			msg = err.Error()
		}
		if !reflect.DeepEqual(got, tt.want) || msg != tt.err {
			t.Errorf("%s = %v: got %v, %q; want %v, %q", tt.o.Name, tt.in, got, msg, tt.want, tt.err)
		}
	}
}

func TestWrongKindPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("an undescribed option was read without a panic")
		}
	}()
	Defaults([]Option{{Name: "size", Default: 32}}).Float("size")
}

func TestNames(t *testing.T) {
	v := Values{"names": []string{"a", "b"}}
	if got := v.Names("names"); len(got) != 2 || got[1] != "b" {
		t.Errorf("%q", got)
	}
}
