//go:build unix

package index

import (
	"io/fs"
	"syscall"
)

// inode is the number of a file; a file that replaces another has another.
func inode(info fs.FileInfo) uint64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return uint64(s.Ino)
	}
	return 0
}
