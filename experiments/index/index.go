package index

import (
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/gofrs/flock"
	_ "modernc.org/sqlite" // registers the driver "sqlite"

	"github.com/venn-adapt/venn/experiments/spec"
	"github.com/venn-adapt/venn/internal/atomicfile"
)

// version is raised when the tables, or what is read into them, change.
const version = 1

// An Index is the table of runs of one user, open.
type Index struct {
	db      *sql.DB
	written bool
}

// With opens the index in a file for one use, and makes it where it is missing, damaged or
// of another version. One process at a time uses it. Where it cannot be kept there, note is
// told why and the use gets an index in memory; so it does, untold, without a path.
func With(path string, note func(error), do func(*Index) error) error {
	if path == "" {
		return inMemory(do)
	}
	err := kept(path, do)
	if errors.As(err, new(unkept)) {
		note(err)
		return inMemory(do)
	}
	return err
}

// An unkept error is about the place of the index alone.
type unkept struct{ error }

func (e unkept) Unwrap() error { return e.error }

func kept(path string, do func(*Index) error) error {
	bad := func(err error) error { return unkept{fmt.Errorf("index: %s: %w", path, err)} }
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return bad(err)
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o644))
	if err := lock.Lock(); err != nil {
		return bad(err)
	}
	defer lock.Unlock()
	seal, err := sealOf(path)
	if err != nil {
		return bad(err)
	}
	if old, err := os.ReadFile(path + ".sum"); err != nil || string(old) != seal {
		if err := remove(path); err != nil {
			return bad(err)
		}
	}
	x, err := open((&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath()}).String())
	if err != nil {
		return bad(err)
	}
	err = do(x)
	if err := x.db.Close(); err != nil {
		return bad(err)
	}
	if !x.written {
		return err
	}
	seal, failed := sealOf(path)
	if failed == nil {
		failed = atomicfile.WriteBytes(path+".sum", []byte(seal))
	}
	if failed != nil { // the next one makes it anew
		return errors.Join(err, fmt.Errorf("index: %w", failed))
	}
	return err
}

// sealOf is what the file beside the index says: SQLite would take a flipped bit for data.
func sealOf(path string) (string, error) {
	h := sha256.New()
	f, err := os.Open(path)
	if err == nil {
		_, err = io.Copy(h, f)
		f.Close()
	}
	if errors.Is(err, os.ErrNotExist) {
		err = nil
	}
	return fmt.Sprintf("venn index %d %x\n", version, h.Sum(nil)), err
}

// Remove takes an index away, so that the next use makes it anew.
func Remove(path string) error {
	lock := flock.New(path+".lock", flock.SetPermissions(0o644))
	if err := lock.Lock(); errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	defer lock.Unlock()
	if err := remove(path); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	return nil
}

func remove(path string) error {
	for _, name := range []string{path + ".sum", path, path + "-journal"} {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return err
		}
	}
	return nil
}

func inMemory(do func(*Index) error) error {
	x, err := open(":memory:")
	if err != nil {
		return fmt.Errorf("index: %w", err)
	}
	return errors.Join(do(x), x.db.Close())
}

// open opens a database and makes the tables of one that is empty.
func open(name string) (*Index, error) {
	db, err := sql.Open("sqlite", name+"?_pragma=temp_store(memory)")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // one in memory is a connection's own
	x := &Index{db: db}
	tables := 0
	err = db.QueryRow("SELECT count(*) FROM sqlite_schema").Scan(&tables)
	if err == nil && tables == 0 {
		err = x.change(func(tx *sql.Tx) error { _, err := tx.Exec(schema()); return err })
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return x, nil
}

func schema() string {
	var b strings.Builder
	b.WriteString("CREATE TABLE runs (id INTEGER PRIMARY KEY, stamp TEXT NOT NULL")
	for _, c := range columns {
		switch c.kind {
		case text, loose:
			fmt.Fprintf(&b, ", %q TEXT NOT NULL", c.name)
		default:
			fmt.Fprintf(&b, ", %q NUMERIC", c.name)
		}
	}
	b.WriteString(", UNIQUE (path));\n")
	b.WriteString("CREATE TABLE options (run INTEGER NOT NULL REFERENCES runs(id), path TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (run, path)) WITHOUT ROWID;\n")
	return b.String()
}

// change changes what the index knows, all of it or nothing.
func (x *Index) change(do func(*sql.Tx) error) error {
	x.written = true
	tx, err := x.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit()
}

// put writes a run in the place of what was known of its path.
func put(tx *sql.Tx, r *Run, stamp string, pairs []spec.Pair) error {
	if err := drop(tx, r.Path); err != nil {
		return err
	}
	values := []any{stamp}
	for _, c := range columns {
		values = append(values, c.field(r))
	}
	res, err := tx.Exec(`INSERT INTO runs ("stamp", "`+joined+`") VALUES (?`+strings.Repeat(", ?", len(columns))+")", values...)
	if err != nil {
		return err
	}
	id, err := res.LastInsertId()
	if err != nil || len(pairs) == 0 {
		return err
	}
	for some := range slices.Chunk(pairs, 500) { // a statement takes so many values and no more
		values = nil
		for _, p := range some {
			values = append(values, id, p.Path, p.Text)
		}
		rows := strings.TrimSuffix(strings.Repeat("(?, ?, ?), ", len(some)), ", ")
		if _, err := tx.Exec("INSERT OR REPLACE INTO options VALUES "+rows, values...); err != nil {
			return err
		}
	}
	return nil
}

// drop forgets a path.
func drop(tx *sql.Tx, path string) error {
	if _, err := tx.Exec("DELETE FROM options WHERE run IN (SELECT id FROM runs WHERE path = ?)", path); err != nil {
		return err
	}
	_, err := tx.Exec("DELETE FROM runs WHERE path = ?", path)
	return err
}
