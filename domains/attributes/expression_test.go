package attributes

import (
	"slices"
	"strings"
	"testing"
)

// Every expression is compared with Go's own operators over all eight worlds.
func TestExpression(t *testing.T) {
	names := []string{"a", "b", "5_o_Clock"}
	for text, want := range map[string]func(a, b, c bool) bool{
		"a":                     func(a, _, _ bool) bool { return a },
		"!a":                    func(a, _, _ bool) bool { return !a },
		"!!a":                   func(a, _, _ bool) bool { return a },
		"a & !b":                func(a, b, _ bool) bool { return a && !b },
		"a|b&5_o_Clock":         func(a, b, c bool) bool { return a || b && c },
		"a & b | 5_o_Clock":     func(a, b, c bool) bool { return a && b || c },
		"(a|b)&5_o_Clock":       func(a, b, c bool) bool { return (a || b) && c },
		"!(a | b) & !5_o_Clock": func(a, b, c bool) bool { return !(a || b) && !c },
		" ( ( a ) ) ":           func(a, _, _ bool) bool { return a },
		`"a" & !'b'`:            func(a, b, _ bool) bool { return a && !b },
		`!("a"|'5_o_Clock')`:    func(a, _, c bool) bool { return !(a || c) },
		"!a & b | a & !b":       func(a, b, _ bool) bool { return a != b },
	} {
		e, err := parseExpression(text, names)
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		for world := range 8 {
			has := func(i int) bool { return world>>i&1 == 1 }
			if got, want := e(has), want(has(0), has(1), has(2)); got != want {
				t.Errorf("%q in world %03b: %v, want %v", text, world, got, want)
			}
		}
	}
}

func TestExpressionFaults(t *testing.T) {
	for text, want := range map[string]string{
		"":                        "column 1: the expression ends, want an attribute",
		"Smiling &":               "column 10: the expression ends, want an attribute",
		"Smilling & Eyeglasses":   `column 1: unknown attribute "Smilling"; did you mean "Smiling"?`,
		"Smiling & Hat":           `column 11: unknown attribute "Hat"; want one of Eyeglasses, Smiling, größe`,
		"Smiling Eyeglasses":      `column 9: "Eyeglasses", want &, | or the end`,
		"Smiling && Eyeglasses":   `column 10: "&", want an attribute, ! or (`,
		"Smiling & (Eyeglasses":   "column 11: ( is not closed",
		"Smiling)":                `column 8: ")", want &, | or the end`,
		"größe & ☺":               `column 9: unknown attribute "☺"; want one of Eyeglasses, Smiling, größe`,
		"größe ? Smiling":         `column 7: "?", want &, | or the end`,
		strings.Repeat("!", 1000): "column 101: nested deeper than 100",
	} {
		if _, err := parseExpression(text, []string{"Smiling", "Eyeglasses", "größe"}); err == nil || err.Error() != want {
			t.Errorf("%.40q: got %v, want %s", text, err, want)
		}
	}
	if _, err := parseExpression("Anything & !you | like", nil); err != nil {
		t.Errorf("names are not known, yet: %v", err)
	}
}

// Names with spaces and operators stand in quotes.
func TestQuotedNames(t *testing.T) {
	names := []string{"Wavy Hair", "a&b", `say "yes"`, "it's"}
	for text, want := range map[string][]int{`"Wavy Hair"`: {0}, `!"a&b" & 'say "yes"'`: {1, 2}, `"it's"|'Wavy Hair'`: {3, 0}} {
		if _, named, err := parseNamed(text, names); err != nil || !slices.Equal(named, want) {
			t.Errorf("%s names %v, %v, want %v", text, named, err, want)
		}
	}
	for text, want := range map[string]string{
		`Wavy Hair`:    `column 1: unknown attribute "Wavy"; want one of Wavy Hair, a&b, it's, say "yes"; a name with spaces stands in quotes, as "Wavy Hair"`,
		`"Wavy Hair`:   `column 1: " is not closed`,
		`"a&b" & ''`:   "column 9: no name between the quotes",
		`'`:            "column 1: ' is not closed",
		`"Wavy  Hair"`: `column 1: unknown attribute "Wavy  Hair"; did you mean "Wavy Hair"?`,
		`"a&b" "it's"`: `column 7: "\"it's\"", want &, | or the end`,
	} {
		if _, err := parseExpression(text, names); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func FuzzExpression(f *testing.F) {
	for _, s := range []string{"a & !b", "(a|b)&!(c)", "!", "((", "a &\xff", "5_o_Clock_Shadow", "\"a\" & 'b c'", "'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		e, err := parseExpression(text, []string{"a", "b", "c"})
		conjuncts(text)
		if err == nil {
			if _, again := parseExpression(strings.Join(conjuncts(text), " & "), []string{"a", "b", "c"}); again != nil {
				t.Errorf("%q: the terms %q are no expression: %v", text, conjuncts(text), again)
			}
			e(func(i int) bool { return i == 1 })
		}
	})
}

func TestConjuncts(t *testing.T) {
	for text, want := range map[string][]string{
		"Smiling&!Eyeglasses":         {"Smiling", "!Eyeglasses"},
		"Male & (a|b & c) & !( a|b )": {"Male", "(a | b & c)", "!(a | b)"},
		"((Smiling & Male))":          {"Smiling", "Male"},
		"a & b | c":                   {"a & b | c"},
		"(a) & (b)":                   {"(a)", "(b)"},
		"one":                         {"one"},
		`"Wavy Hair" & !("a|b"|'x')`:  {`"Wavy Hair"`, `!("a|b" | x)`},
		`("Smiling")`:                 {"Smiling"},
	} {
		if got := conjuncts(text); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
}
