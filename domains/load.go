package domains

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"math"
	"slices"

	"github.com/venn-adapt/venn/internal/option"
	"github.com/venn-adapt/venn/internal/registry"
)

// Load reads or draws a dataset at the model's size and locks what it read:
// dataset, options with their defaults, files, transform, number of images and
// checksum of the decoded samples of each split.
//
// It fails on an unknown dataset or option, an option out of bounds, a file that
// is missing (MissingError) or damaged (DamagedError), and never returns part of a
// dataset. Time and memory are those of the decoded images.
func Load(ctx context.Context, dataset string, r Request) (*Domain, error) {
	ds, err := Datasets.Get(dataset)
	if err != nil {
		return nil, fmt.Errorf("domains: %w", err)
	}
	if r.Shape.Len() <= 0 || r.Shape.Channels < 0 || r.Shape.Height < 0 {
		return nil, fmt.Errorf("domains: %s: images of %s, want positive sizes", dataset, r.Shape)
	}
	if r.Side != A && r.Side != B {
		return nil, fmt.Errorf("domains: %s: side %d, want a or b", dataset, int(r.Side))
	}
	if r.Options, err = withDefaults(ds, r.Options); err != nil {
		return nil, err
	}
	d, err := ds.Load(ctx, r)
	if err != nil {
		return nil, err
	}
	d.Lock.Dataset, d.Lock.Options = dataset, maps.Clone(r.Options)
	d.Lock.Splits, d.Lock.Samples = map[string]int{}, map[string]string{}
	for _, part := range []struct {
		name  string
		split Split
	}{{"train", d.Train}, {"test", d.Test}} {
		if err := part.split.check(); err != nil {
			return nil, fmt.Errorf("domains: %s: %s: %w", dataset, part.name, err)
		}
		d.Lock.Splits[part.name] = part.split.Images.Len()
		d.Lock.Samples[part.name] = part.split.Checksum()
	}
	return d, nil
}

// withDefaults adds the options that were not given and refuses what the dataset
// does not know.
func withDefaults(ds Dataset, given option.Values) (option.Values, error) {
	values := option.Defaults(ds.Options)
	known := make([]string, len(ds.Options))
	for i, o := range ds.Options {
		known[i] = o.Name
	}
	for _, name := range slices.Sorted(maps.Keys(given)) {
		i := slices.Index(known, name)
		if i < 0 {
			return nil, fmt.Errorf("domains: %s: unknown option %q%s", ds.Name, name, registry.DidYouMean(name, known))
		}
		v, err := ds.Options[i].Check(given[name])
		if err != nil {
			return nil, fmt.Errorf("domains: %s: %s: %w", ds.Name, name, err)
		}
		values[name] = v
	}
	for _, o := range ds.Options {
		if values[o.Name] == nil {
			return nil, fmt.Errorf("domains: %s: option %s is not set: %s", ds.Name, o.Name, o.Doc)
		}
	}
	return values, nil
}

// check makes sure of what every reader of a split may rely on: images, as many
// labels where there are any, each of them a class, and values in [-1, 1].
func (s Split) check() error {
	n := s.Images.Len()
	switch {
	case n == 0:
		return fmt.Errorf("no images")
	case s.Truth.Known() && len(s.Truth.labels) != n:
		return fmt.Errorf("%d labels for %d images", len(s.Truth.labels), n)
	}
	for i, label := range s.Truth.labels {
		if label < 0 || label >= len(s.Truth.classes) {
			return fmt.Errorf("image %d: label %d of %d classes", i, label, len(s.Truth.classes))
		}
	}
	for i, v := range s.Images.Data {
		if !(v >= -1 && v <= 1) {
			return fmt.Errorf("image %d: intensity %g outside [-1, 1]", i/s.Images.Shape.Len(), v)
		}
	}
	return nil
}

// Checksum is the SHA-256 of the shape, the images as bytes or little-endian float32,
// as the set holds them, and the labels as little-endian int64.
func (s Split) Checksum() string {
	h := sha256.New()
	fmt.Fprintf(h, "%d %s\n", s.Images.Len(), s.Images.Shape)
	block := make([]byte, 0, 1<<14)
	flush := func() { h.Write(block); block = block[:0] }
	h.Write(s.Images.bytes)
	for _, v := range s.Images.Data {
		if block = binary.LittleEndian.AppendUint32(block, math.Float32bits(v)); len(block) == cap(block) {
			flush()
		}
	}
	flush()
	for _, label := range s.Truth.labels {
		if block = binary.LittleEndian.AppendUint64(block, uint64(label)); len(block) == cap(block) {
			flush()
		}
	}
	flush()
	return hex.EncodeToString(h.Sum(nil))
}

// A MissingError says that a file of a dataset is not there.
type MissingError struct{ Err error }

func (e *MissingError) Error() string { return e.Err.Error() }
func (e *MissingError) Unwrap() error { return e.Err }

// A DamagedError says that a file of a dataset is there but is not what it ought
// to be: its checksum differs, or it cannot be decoded.
type DamagedError struct{ Err error }

func (e *DamagedError) Error() string { return e.Err.Error() }
func (e *DamagedError) Unwrap() error { return e.Err }

// Damaged marks the error for the exit code of damaged data.
func (e *DamagedError) Damaged() bool { return true }

// Damaged builds a DamagedError.
func Damaged(format string, args ...any) error {
	return &DamagedError{fmt.Errorf(format, args...)}
}

// AtMost reads no more than limit bytes of r and says when there were more, so
// that a small file cannot unpack into all of memory.
func AtMost(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("unpacks to more than %d bytes", limit)
	}
	return data, err
}
