package index

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/venn-adapt/venn/internal/registry"
)

// A Query says which runs to list and in which order.
type Query struct {
	Paths []string // of folders or runs, as runs.Dirs reads them
	// In holds, by column, the values of which a run has one.
	In    map[string][]string
	Where []Condition
	Sort  []string // names of columns or options; with a leading -, from high to low
	Now   time.Time
}

// List makes the index true of the paths and lists their runs. What a query names that no
// run here has is an error that says what there is.
func (x *Index) List(q Query) ([]Run, error) {
	dirs, err := x.Refresh(q.Paths...)
	if err != nil {
		return nil, err
	}
	if err := x.choose(dirs); err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	if err := x.check(q); err != nil {
		return nil, err
	}
	clauses, args := []string{"path IN chosen"}, []any{}
	for _, c := range columns {
		if wanted := q.In[c.name]; len(wanted) > 0 {
			clauses = append(clauses, fmt.Sprintf("%q IN (?%s)", c.name, strings.Repeat(", ?", len(wanted)-1)))
			for _, v := range wanted {
				args = append(args, v)
			}
		}
	}
	for _, c := range q.Where {
		clause, more, err := c.sql(q.Now.Unix())
		if err != nil {
			return nil, err
		}
		clauses, args = append(clauses, clause), append(args, more...)
	}
	order, more := ordering(q.Sort)
	return x.rows(`SELECT "`+joined+`" FROM runs WHERE `+strings.Join(clauses, " AND ")+" ORDER BY "+order, append(args, more...))
}

func (x *Index) rows(statement string, args []any) ([]Run, error) {
	rows, err := x.db.Query(statement, args...)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	defer rows.Close()
	out := []Run{}
	for rows.Next() {
		var r Run
		var into []any
		for _, c := range columns {
			into = append(into, c.field(&r))
		}
		if err := rows.Scan(into...); err != nil {
			return nil, fmt.Errorf("index: %w", err)
		}
		out = append(out, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	return out, nil
}

// choose keeps the directories that a query is about.
func (x *Index) choose(dirs []string) error {
	if _, err := x.db.Exec("CREATE TEMP TABLE IF NOT EXISTS chosen (path TEXT PRIMARY KEY) WITHOUT ROWID; DELETE FROM chosen"); err != nil {
		return err
	}
	for some := range slices.Chunk(dirs, 500) {
		args := make([]any, len(some))
		for i, dir := range some {
			args[i] = dir
		}
		if _, err := x.db.Exec("INSERT INTO chosen VALUES (?)"+strings.Repeat(", (?)", len(some)-1), args...); err != nil {
			return err
		}
	}
	return nil
}

// check compares what a query names with what the chosen runs have.
func (x *Index) check(q Query) error {
	for _, c := range columns {
		if len(q.In[c.name]) == 0 || c.name == "state" { // a state that no run is in is still one
			continue
		}
		have, err := x.strings(fmt.Sprintf("SELECT DISTINCT %q FROM runs WHERE path IN chosen ORDER BY 1", c.name))
		if err != nil {
			return err
		}
		for _, v := range q.In[c.name] {
			if !slices.Contains(have, v) {
				return mistake("no run here has %s %q%s", c.name, v, registry.DidYouMean(v, have))
			}
		}
	}
	var names []string
	for _, c := range q.Where {
		names = append(names, c.Name)
	}
	for _, s := range q.Sort {
		names = append(names, strings.TrimPrefix(s, "-"))
	}
	return x.Known(names...)
}

// Known fails on a name that is neither a column nor an option of the runs that List or
// Refresh looked at last.
func (x *Index) Known(names ...string) error {
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return slices.Contains(Columns(), n) })
	if len(names) == 0 {
		return nil
	}
	options, err := x.strings("SELECT DISTINCT o.path FROM options o JOIN runs ON o.run = runs.id WHERE runs.path IN chosen ORDER BY 1")
	if err != nil {
		return err
	}
	for _, name := range names {
		if !slices.Contains(options, name) {
			return unknown(name, options)
		}
	}
	return nil
}

func (x *Index) strings(statement string, args ...any) ([]string, error) {
	rows, err := x.db.Query(statement, args...)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, fmt.Errorf("index: %w", err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// ordering is the ORDER BY of names: what is not known comes last either way.
func ordering(names []string) (clause string, args []any) {
	var parts []string
	for _, name := range names {
		name, down := strings.CutPrefix(name, "-")
		i := slices.IndexFunc(columns, func(c column) bool { return c.name == name })
		expr, k := "(SELECT o.value FROM options o WHERE o.run = runs.id AND o.path = ?)", loose
		times := 0
		if i >= 0 {
			expr, k = `"`+name+`"`, columns[i].kind
			down = down != (k == age) // the older, the longer ago
		} else {
			times = 1
		}
		direction := " ASC"
		if down {
			direction = " DESC"
		}
		add := func(e string) {
			parts = append(parts, e)
			for range times * strings.Count(e, "?") {
				args = append(args, name)
			}
		}
		add(expr + " IS NULL")
		if k == loose {
			add(fmt.Sprintf("CASE WHEN %s THEN CAST(%s AS REAL) END%s", numeric(expr), expr, direction))
		}
		add(expr + direction)
	}
	for _, name := range []string{"spec", "task", "method", "label", "path"} { // ties
		parts = append(parts, `"`+name+`"`)
	}
	return strings.Join(parts, ", "), args
}

// Option is what each run has as the value of an option, by path; a run without it is left
// out.
func (x *Index) Option(name string) (map[string]string, error) {
	rows, err := x.db.Query("SELECT runs.path, o.value FROM options o JOIN runs ON o.run = runs.id WHERE o.path = ? AND runs.path IN chosen", name)
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var path, value string
		if err := rows.Scan(&path, &value); err != nil {
			return nil, fmt.Errorf("index: %w", err)
		}
		out[path] = value
	}
	return out, rows.Err()
}
