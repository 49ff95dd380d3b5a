package domains

import (
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"crypto/md5"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/venn-adapt/venn/internal/mapped"
)

// UnpackedLimit bounds what one file may unpack to; the largest we know is MNIST's
// 47 megabytes of training images.
const UnpackedLimit = 1 << 29

// NeedDataDir fails where no folder for data is known and what asks needs one.
func NeedDataDir(dataDir, what string) error {
	if dataDir == "" {
		return &MissingError{fmt.Errorf("domains: %s: no folder for data, as this system names no cache folder; give --data or set VENN_DATA", what)}
	}
	return nil
}

// readFile reads a file of a dataset, DataDir/<dataset>/<name>, and locks it.
func readFile(r Request, dataset, name string) ([]byte, LockedFile, error) {
	if err := NeedDataDir(r.DataDir, dataset); err != nil {
		return nil, LockedFile{}, err
	}
	where := filepath.Join(r.DataDir, dataset, name)
	data, err := os.ReadFile(where)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, LockedFile{}, missing(dataset, where)
	}
	if err != nil {
		return nil, LockedFile{}, fmt.Errorf("domains: %s: %w", dataset, err)
	}
	return data, lock(dataset, name, data), nil
}

// lock is what a file of a dataset was when it was read.
func lock(dataset, name string, data []byte) LockedFile {
	locked := LockedFile{Name: path.Join(dataset, name), Bytes: int64(len(data)), SHA256: SHA256Of(data)}
	if ds, err := Datasets.Get(dataset); err == nil {
		i := slices.IndexFunc(ds.Files, func(f File) bool { return f.Name == name })
		locked.Published = i >= 0 && ds.Files[i].accepts(data)
	}
	return locked
}

// Mapped is a file of a dataset that is too large to hold: its pages are read when they are
// touched. It fails with MissingError where the file is not there.
func Mapped(r Request, dataset, name string) (*mapped.File, LockedFile, error) {
	if err := NeedDataDir(r.DataDir, dataset); err != nil {
		return nil, LockedFile{}, err
	}
	where := filepath.Join(r.DataDir, dataset, name)
	file, err := mapped.Open(where)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, LockedFile{}, missing(dataset, where)
	}
	if err != nil {
		return nil, LockedFile{}, fmt.Errorf("domains: %s: %w", dataset, err)
	}
	locked := lock(dataset, name, file.Data)
	runtime.KeepAlive(file)
	return file, locked, nil
}

func missing(dataset, where string) error {
	return &MissingError{fmt.Errorf("domains: %s: %s is missing; `venn data fetch %s` gets it", dataset, where, dataset)}
}

// SHA256Of is a checksum as locks have it.
func SHA256Of(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// accepts says whether data has one of the file's checksums.
func (f File) accepts(data []byte) bool {
	sum := md5.Sum(data)
	return f.MD5 != "" && hex.EncodeToString(sum[:]) == f.MD5 || slices.Contains(f.SHA256, SHA256Of(data))
}

// unpack undoes .gz or .bz2 compression by the end of the name; another name is
// left as it is.
func unpack(name string, data []byte) ([]byte, error) {
	var r io.Reader
	switch {
	case strings.HasSuffix(name, ".gz"):
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return nil, fmt.Errorf("not a gzip file (%d bytes): %w", len(data), err)
		}
		r = z
	case strings.HasSuffix(name, ".bz2"):
		r = bzip2.NewReader(bytes.NewReader(data))
	default:
		return data, nil
	}
	plain, err := AtMost(r, UnpackedLimit)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("truncated: the file ends after %d unpacked bytes", len(plain))
	}
	if err != nil {
		return nil, fmt.Errorf("after %d unpacked bytes: %w", len(plain), err)
	}
	return plain, nil
}

// ReadPacked reads and unpacks a file; what is wrong inside it is damage.
func ReadPacked(r Request, dataset, name string) ([]byte, LockedFile, error) {
	data, locked, err := readFile(r, dataset, name)
	if err != nil {
		return nil, locked, err
	}
	plain, err := unpack(name, data)
	if err != nil {
		return nil, locked, Damaged("domains: %s: %s: %w", dataset, name, err)
	}
	return plain, locked, nil
}
