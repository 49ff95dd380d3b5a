package atomicfile

import (
	"errors"
	"syscall"
)

// Advice is what to do about an error of the system when a file could not be
// written, to stand after the error: "free some space". It is empty where only the
// error itself can say.
func Advice(err error) string {
	for _, a := range []struct {
		causes []error
		text   string
	}{
		{[]error{syscall.ENOSPC, syscall.EDQUOT, syscall.EFBIG}, "free some space"},
		{[]error{syscall.EMFILE, syscall.ENFILE}, "raise the limit of open files (ulimit -n) or close other programs"},
		{[]error{syscall.EACCES, syscall.EPERM}, "make the folder writable"},
		{[]error{syscall.EROFS}, "write elsewhere: the file system is read-only"},
		{[]error{syscall.EIO}, "look after the disk"},
	} {
		for _, cause := range a.causes {
			if errors.Is(err, cause) {
				return a.text
			}
		}
	}
	return ""
}
