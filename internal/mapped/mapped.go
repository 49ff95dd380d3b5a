// Package mapped reads large files without holding them in memory.
package mapped

import (
	"fmt"
	"os"
	"runtime"
)

// A File is the content of a file. Where the system allows it, the pages are those
// of the file and are read when they are touched. It must not be changed while it
// is mapped: files that are replaced by renaming, as atomicfile does, are safe.
type File struct{ Data []byte }

// Open maps the file at path. The mapping ends when the File can no longer be
// reached; Data must not outlive it. An empty file has no Data.
func Open(path string) (*File, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() == 0 {
		return &File{}, nil
	}
	if int64(int(info.Size())) != info.Size() {
		return nil, fmt.Errorf("%s: %d bytes, too many for this system", path, info.Size())
	}
	data, release, err := mapFile(f, int(info.Size()))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	m := &File{Data: data}
	runtime.AddCleanup(m, func(data []byte) { release(data) }, data)
	return m, nil
}
