package attributes

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/domains"
)

// A zipStore is an archive of images, each found by its path in the archive or by the
// end of that path: img/1.png and 1.png both find faces/img/1.png, where no other file
// ends so.
type zipStore struct {
	path    string
	archive *zip.ReadCloser
	files   map[string]*zip.File   // by path
	ends    map[string][]*zip.File // by each shorter end of a path; two are enough to know of
	taken   map[*zip.File]string   // name by which a file was listed
	locked  domains.LockedFile     // once it has been hashed
}

// indexed lists the files of an archive, but for hidden ones. It fails on one that holds
// a path twice.
func indexed(where string, archive *zip.ReadCloser) (*zipStore, error) {
	z := &zipStore{path: where, archive: archive, files: map[string]*zip.File{}, ends: map[string][]*zip.File{}, taken: map[*zip.File]string{}}
	for _, f := range archive.File {
		name := slashed(f.Name)
		if f.FileInfo().IsDir() || strings.HasPrefix(path.Base(name), ".") {
			continue
		}
		if other, ok := z.files[name]; ok {
			return nil, domains.Damaged("%s: holds %s twice, as %s and %s", where, name, other.Name, f.Name)
		}
		z.files[name] = f
		for end := name; ; {
			_, shorter, ok := strings.Cut(end, "/")
			if !ok {
				break
			}
			if end = shorter; len(z.ends[end]) < 2 {
				z.ends[end] = append(z.ends[end], f)
			}
		}
	}
	return z, nil
}

// find is the one file of a name. fs.ErrNotExist says that there is none.
func (s *zipStore) find(name string) (*zip.File, error) {
	if f, ok := s.files[name]; ok {
		return f, nil
	}
	switch found := s.ends[name]; len(found) {
	case 0:
		return nil, fs.ErrNotExist
	case 1:
		return found[0], nil
	default:
		return nil, domains.Damaged("%s: holds %s twice, as %s and %s; list it by its path", s.path, name, found[0].Name, found[1].Name)
	}
}

func (s *zipStore) read(name string) ([]byte, error) {
	f, err := s.find(name)
	if err != nil {
		return nil, err
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	data, err := domains.AtMost(r, fileLimit) // checks the length and the CRC at its end
	return data, errors.Join(err, r.Close())
}

// lock hashes the archive once; the key is of the named files alone, by what the
// archive's directory says of them: name, size and CRC, which reading checks. It fails on
// one file under two names, which could stand on both sides of a split.
func (s *zipStore) lock(names []string) (domains.LockedFile, string, error) {
	if s.locked.Name == "" {
		if err := s.hash(); err != nil {
			return s.locked, "", err
		}
	}
	h := sha256.New()
	for _, name := range names {
		f, err := s.find(name)
		if err != nil {
			return s.locked, "", missingImage(name, s.path, slices.Sorted(maps.Keys(s.files)), err)
		}
		if other, ok := s.taken[f]; ok && other != name {
			return s.locked, "", domains.Damaged("%s: %s and %s are both listed and are one file, %s", s.path, other, name, f.Name)
		}
		s.taken[f] = name
		fmt.Fprintf(h, "%s %d %08x\n", name, f.UncompressedSize64, f.CRC32)
	}
	return s.locked, hex.EncodeToString(h.Sum(nil)), nil
}

func (s *zipStore) hash() error {
	f, err := os.Open(s.path)
	if err != nil {
		return err
	}
	defer f.Close()
	whole := sha256.New()
	n, err := io.Copy(whole, f)
	if err != nil {
		return err
	}
	s.locked = domains.LockedFile{Name: filepath.Base(s.path), Bytes: n, SHA256: hex.EncodeToString(whole.Sum(nil))}
	return nil
}

func (s *zipStore) close() error { return s.archive.Close() }
