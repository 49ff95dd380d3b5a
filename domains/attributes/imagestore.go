package attributes

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/venn-adapt/venn/domains"
)

// An imageStore is a folder or a zip archive of images, read by name and by many at
// once.
type imageStore interface {
	// read returns an image's file. fs.ErrNotExist says that there is none.
	read(name string) ([]byte, error)
	// lock describes the named files and returns a key that changes with their
	// content.
	lock(names []string) (locked domains.LockedFile, key string, err error)
	close() error
}

// fileLimit bounds what one image of an archive may unpack to.
const fileLimit = 1 << 28

// openStore opens the images at a path: a folder, or a zip archive.
func openStore(where string) (imageStore, error) {
	info, err := os.Stat(where)
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return folderStore(where), nil
	}
	archive, err := zip.OpenReader(where)
	if err != nil {
		return nil, domains.Damaged("%s (%d bytes): not a whole zip archive: %w", where, info.Size(), err)
	}
	z, err := indexed(where, archive)
	if err != nil {
		archive.Close()
		return nil, err
	}
	return z, nil
}

type folderStore string

func (s folderStore) read(name string) ([]byte, error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return nil, fmt.Errorf("%q is not a name below a folder", name)
	}
	return os.ReadFile(filepath.Join(string(s), filepath.FromSlash(name)))
}

func (s folderStore) lock(names []string) (domains.LockedFile, string, error) {
	h := sha256.New()
	locked := domains.LockedFile{Name: fmt.Sprintf("%s/ (%d files)", filepath.Base(string(s)), len(names))}
	for _, name := range names {
		data, err := s.read(name)
		if err != nil {
			return locked, "", missingImage(name, string(s), s.listed(), err)
		}
		locked.Bytes += int64(len(data))
		fmt.Fprintf(h, "%s %s\n", name, domains.SHA256Of(data))
	}
	locked.SHA256 = hex.EncodeToString(h.Sum(nil))
	return locked, locked.SHA256, nil
}

func (s folderStore) close() error { return nil }

// missingImage is the error of an image that a table lists and a store lacks; names are
// those that the store holds, as far as they are known.
func missingImage(name, store string, names []string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &domains.MissingError{Err: fmt.Errorf("%s is listed, but is not in %s%s", name, store, nearest(name, names))}
	}
	return err
}

// nearest is a hint at the name that is most like another: first one of the same last
// part, then by the number of edits, if they are few.
func nearest(name string, names []string) string {
	best, distance := "", max(2, len(name)/3)+1
	for _, n := range names {
		d := levenshtein.ComputeDistance(name, n)
		if strings.EqualFold(path.Base(n), path.Base(name)) {
			d = 0
		}
		if d < distance {
			best, distance = n, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %q?", best)
}

// mostListed bounds the names of a folder that are looked through for a hint.
const mostListed = 1 << 16

// listed are files below the folder.
func (s folderStore) listed() []string {
	var out []string
	// What cannot be listed cannot be hinted at.
	_ = filepath.WalkDir(string(s), func(file string, d fs.DirEntry, err error) error {
		if err != nil || len(out) == mostListed {
			return fs.SkipAll
		}
		if rel, err := filepath.Rel(string(s), file); err == nil && !d.IsDir() {
			out = append(out, filepath.ToSlash(rel))
		}
		return nil
	})
	return out
}
