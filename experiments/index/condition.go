package index

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/venn-adapt/venn/internal/registry"
)

// A Condition is what a run has to be: "accuracy>=0.9", "age<2d", "method~didd",
// "model.train.learning_rate=0.001".
type Condition struct {
	Name     string // of a column, or the path of an option
	Operator string // one of Operators
	Value    string
}

// Operators are what conditions compare by; ~ asks whether the value is part of a text.
var Operators = []string{"<=", ">=", "!=", "=", "<", ">", "~"}

// A Mistake is an error about what was asked, not about the runs.
type Mistake struct{ error }

func (m Mistake) Unwrap() error { return m.error }

func mistake(format string, args ...any) error { return Mistake{fmt.Errorf(format, args...)} }

// ParseCondition reads a condition.
func ParseCondition(s string) (Condition, error) {
	at := strings.IndexAny(s, "<>!=~")
	if at > 0 {
		for _, op := range Operators {
			if value, ok := strings.CutPrefix(s[at:], op); ok {
				c := Condition{strings.TrimSpace(s[:at]), op, strings.TrimSpace(value)}
				if c.Name != "" && c.Value != "" {
					return c, nil
				}
			}
		}
	}
	return Condition{}, mistake("%q, want a column or an option, one of %s and a value, as in accuracy>=0.9", s, strings.Join(Operators, " "))
}

// sql is the condition on a row of runs. now is the present, in seconds.
func (c Condition) sql(now int64) (clause string, args []any, err error) {
	i := slices.IndexFunc(columns, func(col column) bool { return col.name == c.Name })
	if i < 0 {
		clause, args, err = c.compare(loose, "o.value", now)
		if err != nil {
			return "", nil, err
		}
		return "EXISTS (SELECT 1 FROM options o WHERE o.run = runs.id AND o.path = ? AND " + clause + ")", append([]any{c.Name}, args...), nil
	}
	return c.compare(columns[i].kind, `runs."`+c.Name+`"`, now)
}

// compare is the condition on an expression of a kind.
func (c Condition) compare(k kind, expr string, now int64) (string, []any, error) {
	if c.Operator == "~" {
		return "instr(" + expr + ", ?) > 0", []any{c.Value}, nil
	}
	v, err := strconv.ParseFloat(c.Value, 64)
	isNumber := err == nil && !math.IsNaN(v)
	ordered := strings.ContainsAny(c.Operator, "<>")
	switch {
	case k == age:
		d, err := ParseAge(c.Value)
		if err != nil {
			return "", nil, mistake("%s: %w", c.Name, err)
		}
		return fmt.Sprintf("(? - %s) %s ?", expr, c.Operator), []any{now, int64(d / time.Second)}, nil
	case k == number && !isNumber, k == loose && ordered && !isNumber:
		return "", nil, mistake("%s: %q, want a number", c.Name, c.Value)
	case k == number:
		return expr + " " + c.Operator + " ?", []any{v}, nil
	case k == loose && ordered:
		return fmt.Sprintf("(%s AND CAST(%s AS REAL) %s ?)", numeric(expr), expr, c.Operator), []any{v}, nil
	case k == loose && isNumber:
		equal := fmt.Sprintf("(%s = ? OR (%s AND CAST(%s AS REAL) = ?))", expr, numeric(expr), expr)
		if c.Operator == "!=" {
			equal = "NOT " + equal
		}
		return equal, []any{c.Value, v}, nil
	}
	return expr + " " + c.Operator + " ?", []any{c.Value}, nil
}

// numeric asks whether a text is a number as JSON has it: it begins like one and has no
// letter but an exponent's.
func numeric(expr string) string {
	return fmt.Sprintf("(%s GLOB '[0-9]*' OR %s GLOB '-[0-9]*') AND %s NOT GLOB '*[^-+.0-9eE]*'", expr, expr, expr)
}

// ParseAge reads "90s", "30m", "12h", "2d" or "3w".
func ParseAge(s string) (time.Duration, error) {
	units := map[byte]time.Duration{'s': time.Second, 'm': time.Minute, 'h': time.Hour, 'd': 24 * time.Hour, 'w': 7 * 24 * time.Hour}
	if len(s) > 1 {
		n, err := strconv.ParseFloat(s[:len(s)-1], 64)
		unit, known := units[s[len(s)-1]]
		if err == nil && known && n >= 0 && n*float64(unit) < math.MaxInt64 {
			return time.Duration(n * float64(unit)), nil
		}
	}
	return 0, mistake("%q, want an age as 90s, 30m, 12h, 2d or 3w", s)
}

// unknown says that a name is neither a column nor an option of the runs at hand.
func unknown(name string, options []string) error {
	if hint := registry.DidYouMean(name, append(Columns(), options...)); hint != "" {
		return mistake("%q is neither a column nor an option of these runs%s", name, hint)
	}
	return mistake("%q is neither a column nor an option of these runs; columns are %s", name, strings.Join(Columns(), ", "))
}
