package domains

import (
	"archive/zip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// An imageStore is a folder or a zip archive of images, read by name and by many at
// once.
type imageStore interface {
	// read returns an image's file. fs.ErrNotExist says that there is none.
	read(name string) ([]byte, error)
	// lock describes the named files and returns a key that changes with their
	// content.
	lock(names []string) (locked LockedFile, key string, err error)
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
		return nil, damaged("%s (%d bytes): not a whole zip archive: %w", where, info.Size(), err)
	}
	z := &zipStore{path: where, archive: archive, files: map[string]*zip.File{}}
	for _, f := range archive.File {
		name := path.Base(f.Name)
		if f.FileInfo().IsDir() || strings.HasPrefix(name, ".") {
			continue
		}
		if other, ok := z.files[name]; ok {
			archive.Close()
			return nil, damaged("%s: holds %s twice, as %s and %s", where, name, other.Name, f.Name)
		}
		z.files[name] = f
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

func (s folderStore) lock(names []string) (LockedFile, string, error) {
	h := sha256.New()
	locked := LockedFile{Name: fmt.Sprintf("%s/ (%d files)", filepath.Base(string(s)), len(names))}
	for _, name := range names {
		data, err := s.read(name)
		if err != nil {
			return locked, "", missingImage(name, string(s), err)
		}
		locked.Bytes += int64(len(data))
		fmt.Fprintf(h, "%s %s\n", name, sumOf(data))
	}
	locked.SHA256 = hex.EncodeToString(h.Sum(nil))
	return locked, locked.SHA256, nil
}

func (s folderStore) close() error { return nil }

// missingImage is the error of an image that a table lists and a store lacks.
func missingImage(name, store string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return &MissingError{fmt.Errorf("%s is listed, but is not in %s", name, store)}
	}
	return err
}

type zipStore struct {
	path    string
	archive *zip.ReadCloser
	files   map[string]*zip.File // by name, without the archive's folders
	locked  LockedFile           // once it has been hashed
}

func (s *zipStore) read(name string) ([]byte, error) {
	f, ok := s.files[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	r, err := f.Open()
	if err != nil {
		return nil, err
	}
	data, err := atMost(r, fileLimit) // checks the length and the CRC at its end
	return data, errors.Join(err, r.Close())
}

// lock hashes the archive once; the key is of the named files alone, by what the
// archive's directory says of them: name, size and CRC, which reading checks.
func (s *zipStore) lock(names []string) (LockedFile, string, error) {
	if s.locked.Name == "" {
		if err := s.hash(); err != nil {
			return s.locked, "", err
		}
	}
	h := sha256.New()
	for _, name := range names {
		f, ok := s.files[name]
		if !ok {
			return s.locked, "", missingImage(name, s.path, fs.ErrNotExist)
		}
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
	s.locked = LockedFile{Name: filepath.Base(s.path), Bytes: n, SHA256: hex.EncodeToString(whole.Sum(nil))}
	return nil
}

func (s *zipStore) close() error { return s.archive.Close() }
