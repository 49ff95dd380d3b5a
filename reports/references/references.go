// Package references holds the records of finished studies, so that anyone can draw their
// tables and figures again, put runs of his own beside them, or add what they lack, without
// training everything anew.
package references

import (
	"bytes"
	"compress/gzip"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/venn-adapt/venn/reports"
	"github.com/venn-adapt/venn/reports/render"
)

//go:embed shipped
var shipped embed.FS

// format is raised when the meaning of a reference file changes.
const format = 1

// mark is put behind the names of studies that were read.
const mark = " (reference)"

// ending is that of the files.
const ending = ".json.gz"

// A file is what is kept of a study.
type file struct {
	Format int           `json:"format"`
	Name   string        `json:"name"` // of the study
	Runs   []reports.Run `json:"runs"`
}

// Names lists the studies whose records come with the program, in alphabetical order.
func Names() []string {
	found, err := fs.Glob(shipped, "shipped/*"+ending)
	if err != nil {
		panic(err) // a bad pattern
	}
	for i, f := range found {
		found[i] = strings.TrimSuffix(path.Base(f), ending)
	}
	slices.Sort(found) // a name that goes on where another ends comes before it among files
	return found
}

// Read returns the runs of a study: one that comes with the program, by its name, or one in a
// file that Write wrote, by its path. Their study is named "NAME (reference)", which tells
// them from other runs of it. It fails on a name that there is not and on a damaged file.
func Read(name string) ([]reports.Run, error) {
	data, err := shipped.ReadFile("shipped/" + name + ending)
	if errors.Is(err, fs.ErrNotExist) {
		data, err = os.ReadFile(name)
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrInvalid) {
		return nil, fmt.Errorf("references: no reference %q and no such file; those that come with the program: %s", name, strings.Join(Names(), ", "))
	}
	if err != nil {
		return nil, fmt.Errorf("references: %w", err)
	}
	runs, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("references: %s: %w", name, err)
	}
	return runs, nil
}

// ReadAll returns the runs of several references, each as Read returns them, in their order, as reports.Apart tells them
// apart. It fails where two of them hold one job, which would count twice.
func ReadAll(names []string) (all []reports.Run, err error) {
	type job struct{ study, id string }
	in := map[job]string{}
	for _, name := range names {
		runs, err := Read(name)
		if err != nil {
			return nil, err
		}
		for _, r := range runs {
			of := job{r.Results.Name, r.Results.Job}
			if first, twice := in[of]; twice {
				return nil, fmt.Errorf("references: %s of %s is in %s and in %s; leave one of them out", r.Results.JobName(), strings.TrimSuffix(of.study, mark), first, name)
			}
			in[of] = name
		}
		all = append(all, runs...)
	}
	return reports.Apart(all), nil
}

// mostBytes bounds what a reference unpacks to.
const mostBytes = 1 << 28

// Parse reads the bytes of a reference file.
func Parse(data []byte) ([]reports.Run, error) { return parse(data, mostBytes) }

// parse is Parse of what unpacks to at most so many bytes.
func parse(data []byte, most int64) ([]reports.Run, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("not a reference file (%w)", err)
	}
	text, err := io.ReadAll(io.LimitReader(z, most+1))
	if err != nil {
		return nil, fmt.Errorf("damaged: %w", err)
	}
	if int64(len(text)) > most {
		return nil, fmt.Errorf("it unpacks to more than %d bytes", most)
	}
	var f file
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, fmt.Errorf("damaged: %w", err)
	}
	if f.Format != format {
		return nil, fmt.Errorf("format %d, want %d", f.Format, format)
	}
	if len(f.Runs) == 0 {
		return nil, errors.New("it holds no runs")
	}
	for i := range f.Runs {
		r := &f.Runs[i]
		if r.Results.Name != f.Name {
			return nil, fmt.Errorf("run %d is of %q, the file of %q", i, r.Results.Name, f.Name)
		}
		r.Results.Name += mark
	}
	return f.Runs, nil
}

// curvePoints bounds the points that are kept of a curve.
const curvePoints = 25

// Write writes the runs of one study as a reference: their results, specs, environments, data,
// the thinned curves of their training, and of their images the few translations by which systems are
// shown side by side; no scatters. The same runs give the same bytes.
func Write(w io.Writer, runs []reports.Run) error {
	f := file{Format: format}
	for _, r := range runs {
		if f.Name == "" {
			f.Name = r.Results.Name
		}
		if r.Results.Name != f.Name {
			return fmt.Errorf("references: runs of %s and of %s, want those of one study", f.Name, r.Results.Name)
		}
		k, err := kept(r)
		if err != nil {
			return err
		}
		f.Runs = append(f.Runs, k)
	}
	if len(f.Runs) == 0 {
		return errors.New("references: no runs")
	}
	z, err := gzip.NewWriterLevel(w, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := json.NewEncoder(z).Encode(f); err != nil {
		return fmt.Errorf("references: %w", err)
	}
	return z.Close()
}

// kept is what is kept of a run.
func kept(r reports.Run) (reports.Run, error) {
	var strips []reports.Grid
	pictures := map[string][]byte{}
	for _, g := range r.Results.Grids {
		if !strings.HasPrefix(g.Name, reports.StripPrefix) {
			continue
		}
		packed, err := render.PackGrid(r, g)
		if err != nil {
			return r, fmt.Errorf("references: %w", err)
		}
		strips, pictures[g.Name] = append(strips, g), packed
	}
	r.Dir, r.Pictures = "", pictures
	r.Results.Scatter, r.Results.Grids = nil, strips
	curves := make([]reports.Curve, len(r.Curves))
	for i, c := range r.Curves {
		curves[i] = thinned(c)
	}
	r.Curves = curves
	return r, nil
}

// Merge is the runs of a study's reference, those of its jobs among own replaced by these, and the
// rest of own behind them, as reports.Apart tells other jobs apart; replaced are the names of those jobs. It fails on own runs of another study.
func Merge(reference, own []reports.Run) (all []reports.Run, replaced []string, err error) {
	name := ""
	at := map[string]int{}
	for i, r := range reference {
		r.Results.Name = strings.TrimSuffix(r.Results.Name, mark)
		name, at[r.Results.Job] = r.Results.Name, i
		all = append(all, r)
	}
	for _, r := range own {
		if r.Results.Name != name {
			return nil, nil, fmt.Errorf("references: runs of %s beside a reference of %s, want those of one study", r.Results.Name, name)
		}
		i, there := at[r.Results.Job]
		if !there {
			all = append(all, r)
			continue
		}
		all[i] = r
		replaced = append(replaced, r.Results.JobName())
	}
	return reports.Apart(all), replaced, nil
}

// thinned keeps the first point of a curve, the last and evenly many between, to five digits.
func thinned(c reports.Curve) reports.Curve {
	out := reports.Curve{Name: c.Name}
	n := len(c.Steps)
	for k := range min(n, curvePoints) {
		i := k
		if n > curvePoints {
			i = int(math.Round(float64(k) * float64(n-1) / (curvePoints - 1)))
		}
		v, _ := strconv.ParseFloat(strconv.FormatFloat(c.Values[i], 'g', 5, 64), 64) // it has just been written
		out.Steps, out.Values = append(out.Steps, c.Steps[i]), append(out.Values, v)
	}
	return out
}
