package attributes

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/internal/atomicfile"
	"github.com/venn-adapt/venn/internal/mapped"
	"github.com/venn-adapt/venn/internal/parallel"
)

// A decoding says how a list of files becomes bytes of one shape, and what makes
// that list itself: two decodings with one key have one result.
type decoding struct {
	dir    string // of the cache
	names  []string
	shape  domains.Shape
	inputs []string // whatever the result depends on: contents, transform, options
	// decode fills dst (shape.Len() bytes) with image i. A damagedImage error leaves
	// the image out; any other ends the decoding.
	decode func(i int, dst []byte) error
	// progress may be nil.
	progress func(done, total int)
}

// A decodeFault is an error of the images that ends a decoding.
type decodeFault struct{ error }

// A damagedImage is the error of one image that cannot be decoded.
type damagedImage struct{ error }

// decodedImages is what stands at the end of a cached file, after the bytes of the
// images: what they are, and what they must add up to.
type decodedImages struct {
	Key     string         `json:"key"`
	Images  int            `json:"images"`
	Shape   domains.Shape  `json:"shape"`
	Damaged []damagedEntry `json:"damaged,omitempty"` // files left out, in order
	SHA256  string         `json:"sha256"`            // of the bytes of the images
}

type damagedEntry struct {
	Index int    `json:"index"` // in the list of names
	Cause string `json:"cause"`
}

// decodedMagic ends a cached file, after the length of the trailer in ten digits.
const decodedMagic = "venn decoded images 1\n"

const trailerEnd = 10 + len(decodedMagic)

// run returns the decoded images out of the cache, decoding them first where they
// are not there or not whole. The file appears under its name only when it is
// complete, so an interruption leaves nothing to trip over; of two processes that
// want it, one decodes and the other waits.
func (d *decoding) run(ctx context.Context) (*domains.Images, []damagedEntry, error) {
	key := d.key()
	path := filepath.Join(d.dir, key+".images")
	if images, left, ok := d.open(path, key); ok {
		return images, left, nil
	}
	if err := os.MkdirAll(d.dir, 0o755); err != nil {
		return nil, nil, err
	}
	lock := flock.New(path+".lock", flock.SetPermissions(0o644))
	if ok, err := lock.TryLockContext(ctx, 50*time.Millisecond); !ok {
		return nil, nil, errors.Join(err, ctx.Err())
	}
	defer lock.Unlock()
	if images, left, ok := d.open(path, key); ok { // the other process made it
		return images, left, nil
	}
	var fault decodeFault
	err := atomicfile.WriteLarge(path, func(w io.Writer) error { return d.write(ctx, w, key) })
	if errors.As(err, &fault) { // of the images, not of the cache
		return nil, nil, fault.error
	}
	if err != nil {
		return nil, nil, err
	}
	images, left, ok := d.open(path, key)
	if !ok {
		return nil, nil, fmt.Errorf("%s: not what was written a moment ago; is the disk sound?", path)
	}
	return images, left, nil
}

func (d *decoding) key() string {
	h := sha256.New()
	fmt.Fprintf(h, "%s%s\n", decodedMagic, d.shape)
	for _, list := range [][]string{d.inputs, d.names} {
		fmt.Fprintln(h, len(list))
		for _, s := range list {
			fmt.Fprintf(h, "%q\n", s)
		}
	}
	return hex.EncodeToString(h.Sum(nil))[:32]
}

// open maps a cached file; ok is false where it is missing, of something else or
// damaged, in which case it is made anew.
func (d *decoding) open(path, key string) (images *domains.Images, left []damagedEntry, ok bool) {
	file, err := mapped.Open(path)
	if err != nil || len(file.Data) < trailerEnd || !bytes.HasSuffix(file.Data, []byte(decodedMagic)) {
		return nil, nil, false
	}
	size := 0
	end := len(file.Data) - trailerEnd
	if _, err := fmt.Sscanf(string(file.Data[end:end+10]), "%d", &size); err != nil || size < 0 || size > end {
		return nil, nil, false
	}
	var t decodedImages
	if json.Unmarshal(file.Data[end-size:end], &t) != nil || t.Key != key || t.Shape != d.shape || t.Images != len(d.names)-len(t.Damaged) {
		return nil, nil, false
	}
	payload := file.Data[:end-size]
	if len(payload) != t.Images*d.shape.Len() || domains.SHA256Of(payload) != t.SHA256 {
		return nil, nil, false
	}
	return domains.OfBytes(d.shape, file, payload), t.Damaged, true
}

// decodeBlock images are in memory at a time.
const decodeBlock = 256

// write decodes in parallel, block by block, in the order of the names.
func (d *decoding) write(ctx context.Context, w io.Writer, key string) error {
	n, size := len(d.names), d.shape.Len()
	sum := sha256.New()
	out := io.MultiWriter(w, sum)
	t := decodedImages{Key: key, Shape: d.shape}
	block, faults := make([]byte, decodeBlock*size), make([]error, decodeBlock)
	for lo := 0; lo < n; lo += decodeBlock {
		hi := min(n, lo+decodeBlock)
		parallel.For(hi-lo, func(k int) {
			if faults[k] = ctx.Err(); faults[k] == nil {
				faults[k] = d.decode(lo+k, block[k*size:(k+1)*size])
			}
		})
		for k, err := range faults[:hi-lo] {
			var damage damagedImage
			switch {
			case errors.As(err, &damage):
				t.Damaged = append(t.Damaged, damagedEntry{lo + k, err.Error()})
				continue
			case err != nil:
				return decodeFault{err}
			}
			if _, err := out.Write(block[k*size : (k+1)*size]); err != nil {
				return err
			}
			t.Images++
		}
		if d.progress != nil {
			d.progress(hi, n)
		}
	}
	t.SHA256 = hex.EncodeToString(sum.Sum(nil))
	trailer, err := json.Marshal(t)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "%s%010d%s", trailer, len(trailer), decodedMagic)
	return err
}

// cacheDir is where decoded images are kept: the request's, else the user's cache
// folder, since the data folder may be for reading only.
func cacheDir(r domains.Request) (string, error) {
	if r.CacheDir != "" {
		return r.CacheDir, nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder on this system (%w); set XDG_CACHE_HOME", err)
	}
	return filepath.Join(dir, "venn", "decoded"), nil
}
