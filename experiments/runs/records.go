package runs

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

const recordsName = "metrics.jsonl"

// A Record is a line of metrics.jsonl: the quantities of one logged step. It has
// no times, so that a resumed run's file equals an uninterrupted one's.
type Record struct {
	Step   int     `json:"step"` // steps made so far
	Values []Value `json:"values"`
}

// A Value is a named quantity, in the order in which the method reports it.
type Value struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

// ReadRecords reads a metrics.jsonl. A last line without its end was torn by a
// kill and is left out; any other line that is no record, or steps that do not
// rise, are damage. A file that does not exist has no records.
func ReadRecords(path string) ([]Record, error) {
	records, _, err := scanRecords(path)
	return records, err
}

// scanRecords also returns the offset of the end of each record.
func scanRecords(path string) (records []Record, ends []int64, err error) {
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("experiments: %w", err)
	}
	end := int64(0)
	for n := 1; ; n++ {
		line, rest, whole := bytes.Cut(data, []byte{'\n'})
		if !whole {
			return records, ends, nil
		}
		var r Record
		d := json.NewDecoder(bytes.NewReader(line))
		d.DisallowUnknownFields()
		err := d.Decode(&r)
		if _, end := d.Token(); err != nil || end != io.EOF {
			return nil, nil, &DamagedError{path, fmt.Sprintf("line %d is not a record", n)}
		}
		if len(records) > 0 && r.Step <= records[len(records)-1].Step {
			return nil, nil, &DamagedError{path, fmt.Sprintf("line %d is of step %d after step %d", n, r.Step, records[len(records)-1].Step)}
		}
		end += int64(len(line)) + 1
		records, ends, data = append(records, r), append(ends, end), rest
	}
}

// A Recorder appends to the metrics.jsonl of a run.
type Recorder struct {
	file    *os.File
	last    int
	hash    hash.Hash // of all that the file holds
	size    int64
	account *account
}

// Recorder opens metrics.jsonl to continue after a step: 0 for a new training,
// else the step of the checkpoint that it resumes. A torn last line and records
// beyond the step are cut off; the resumed training writes them again.
func (r *RunDir) Recorder(after int) (*Recorder, error) {
	path := r.File(recordsName)
	w := &Recorder{hash: sha256.New(), last: after, account: r.account}
	if head, ok := r.account.m.seals[after]; ok {
		w.size = head.Size // what stands beyond it is cut off, whatever it is
	} else if after > 0 {
		records, ends, err := scanRecords(path)
		if err != nil {
			return nil, err
		}
		for i, rec := range records {
			if rec.Step <= after {
				w.size, w.last = ends[i], rec.Step
			}
		}
	}
	err := r.account.unseal(after)
	if err != nil {
		return nil, err
	}
	if w.file, err = os.OpenFile(path, os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o644); err != nil {
		return nil, Unwritten(err)
	}
	err = w.file.Truncate(w.size)
	if err == nil {
		_, err = io.Copy(w.hash, io.NewSectionReader(w.file, 0, w.size))
	}
	if err != nil {
		w.file.Close()
		return nil, Unwritten(err)
	}
	return w, nil
}

// Append writes one record in one call of the system. Steps must rise.
func (w *Recorder) Append(r Record) error {
	if r.Step <= w.last {
		return fmt.Errorf("experiments: %s: record of step %d after step %d", w.file.Name(), r.Step, w.last)
	}
	line, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("experiments: %s: step %d: %w", w.file.Name(), r.Step, err)
	}
	line = append(line, '\n')
	if _, err := w.file.Write(line); err != nil {
		return Unwritten(err)
	}
	w.hash.Write(line)
	w.last, w.size = r.Step, w.size+int64(len(line))
	return nil
}

// Seal forces the records to the disk and their checksum into the manifest, which is
// written with the checkpoint of the step: it relies on them, and they must outlive
// whatever it outlives.
func (w *Recorder) Seal(step int) error {
	if err := w.Sync(); err != nil {
		return err
	}
	s := atomicfile.Sum{Size: w.size}
	w.hash.Sum(s.SHA256[:0])
	w.account.seal(step, s)
	return nil
}

// Sync forces the records to the disk.
func (w *Recorder) Sync() error {
	if err := w.file.Sync(); err != nil {
		return Unwritten(err)
	}
	return nil
}

// Close syncs and closes the file.
func (w *Recorder) Close() error { return errors.Join(w.Sync(), w.file.Close()) }
