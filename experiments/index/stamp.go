package index

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// stamped are the files of a run of which the index tells something.
var stamped = []string{"manifest.txt", "status.json", "results.json", "resolved.yaml", "env.json"}

// stamp changes whenever one of those files is written: by size, time and, since each is
// replaced as a whole, by which file it is. No file is opened.
func stamp(dir string) (string, error) {
	var b strings.Builder
	for _, name := range stamped {
		info, err := os.Stat(filepath.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
			b.WriteString("- ")
			continue
		case err != nil:
			return "", fmt.Errorf("experiments: %w", err)
		}
		fmt.Fprintf(&b, "%d,%d,%d ", info.Size(), info.ModTime().UnixNano(), inode(info))
	}
	return b.String(), nil
}

// changed is when the state of a run was written, in seconds; of a run without one, when
// its folder was.
func changed(dir string) (int64, error) {
	info, err := os.Stat(filepath.Join(dir, "status.json"))
	if errors.Is(err, fs.ErrNotExist) {
		info, err = os.Stat(dir)
	}
	if err != nil {
		return 0, fmt.Errorf("experiments: %w", err)
	}
	return info.ModTime().Unix(), nil
}
