package index

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/venn-adapt/venn/experiments/runs"
	"github.com/venn-adapt/venn/experiments/spec"
)

// A known is what the index has of a run, as far as it decides whether to read it anew.
type known struct {
	stamp, process string
	state          runs.State
	step           int
}

// A reading is what a run is found to be.
type reading struct {
	run   *Run
	stamp string
	pairs []spec.Pair
}

// Refresh makes the index true of the runs at or below some paths, and returns their
// directories in order, absolute. It opens the files of those alone that are new, that
// changed, or that were at work when it looked last.
func (x *Index) Refresh(paths ...string) (dirs []string, err error) {
	roots := make([]string, len(paths))
	for i, path := range paths {
		if roots[i], err = filepath.Abs(path); err != nil {
			return nil, fmt.Errorf("index: %w", err)
		}
	}
	if dirs, err = runs.Dirs(roots...); err != nil {
		return nil, err
	}
	have, err := x.known()
	if err != nil {
		return nil, err
	}
	var found []reading
	there := map[string]bool{}
	for _, dir := range dirs {
		there[dir] = true
		r, err := look(dir, have)
		if err != nil {
			return nil, err
		}
		if r != nil {
			found = append(found, *r)
		}
	}
	var gone []string
	for path := range have {
		if !there[path] && below(path, roots) {
			gone = append(gone, path)
		}
	}
	return dirs, x.write(found, gone)
}

// look reads a run unless the index has it as it is; nil then. The stamp is taken before
// the files are read: one that is written in between is read again next time.
func look(dir string, have map[string]known) (*reading, error) {
	now, err := stamp(dir)
	if err != nil {
		return nil, err
	}
	old, listed := have[dir]
	if listed && old.stamp == now && old.state != runs.Running && old.process == "" {
		return nil, nil
	}
	r, pairs, err := read(dir)
	if err != nil {
		return nil, err
	}
	if listed && old == (known{now, r.Process, r.State, r.Step}) {
		return nil, nil
	}
	return &reading{r, now, pairs}, nil
}

// below says whether a path is one of the roots or lies where their runs do.
func below(path string, roots []string) bool {
	for _, root := range roots {
		if path == root || strings.HasPrefix(path, strings.TrimSuffix(root, string(filepath.Separator))+string(filepath.Separator)) {
			return true
		}
	}
	return false
}

func (x *Index) known() (map[string]known, error) {
	rows, err := x.db.Query("SELECT path, stamp, process, state, step FROM runs")
	if err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	defer rows.Close()
	out := map[string]known{}
	for rows.Next() {
		var path string
		var k known
		if err := rows.Scan(&path, &k.stamp, &k.process, (*string)(&k.state), &k.step); err != nil {
			return nil, fmt.Errorf("index: %w", err)
		}
		out[path] = k
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("index: %w", err)
	}
	return out, nil
}

// write changes what the index knows, all of it or nothing.
func (x *Index) write(found []reading, gone []string) error {
	if len(found)+len(gone) == 0 {
		return nil
	}
	err := x.change(func(tx *sql.Tx) error {
		for _, path := range gone {
			if err := drop(tx, path); err != nil {
				return err
			}
		}
		for _, r := range found {
			if err := put(tx, r.run, r.stamp, r.pairs); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	return nil
}
