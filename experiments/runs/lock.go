package runs

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

const lockName = "lock"

// An InUseError says that another process works in a run directory.
type InUseError struct {
	Dir     string
	Process string // "process 1234", with "on HOST" of another machine's; "another process" before it has signed
}

func (e *InUseError) Error() string {
	return fmt.Sprintf("experiments: %s: in use by %s; want one process a run", e.Dir, e.Process)
}

// lockDir takes the exclusive lock of a run directory and signs it with this
// process's number. The operating system releases it however the process ends.
// A glance of `venn status` holds the lock shared for an instant, so that a first
// refusal is tried again for a tenth of a second.
func lockDir(dir string) (*flock.Flock, error) {
	path := filepath.Join(dir, lockName)
	lock := flock.New(path, flock.SetPermissions(0o644))
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	ok, err := lock.TryLockContext(ctx, 10*time.Millisecond)
	if !ok {
		if err != nil && ctx.Err() == nil {
			return nil, fmt.Errorf("experiments: %s: %w", path, err)
		}
		return nil, &InUseError{dir, holder(path)}
	}
	// In place: a renamed file would be another file than the locked one.
	if err := os.WriteFile(path, fmt.Appendf(nil, "%d %s\n", os.Getpid(), hostName()), 0o644); err != nil {
		lock.Unlock()
		return nil, fmt.Errorf("experiments: %w", err)
	}
	return lock, nil
}

// holder is the process that signed a lock last.
func holder(path string) string {
	data, _ := os.ReadFile(path)
	pid, host, _ := strings.Cut(strings.TrimSpace(string(data)), " ")
	switch {
	case pid == "":
		return "another process"
	case host == "" || host == hostName():
		return "process " + pid
	}
	return "process " + pid + " on " + host
}

// hostName is this machine's, empty where the system knows none.
func hostName() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}

// inUse says whether a process holds the lock of dir, and which.
func inUse(dir string) (process string, held bool) {
	path := filepath.Join(dir, lockName)
	if _, err := os.Stat(path); err != nil {
		return "", false
	}
	lock := flock.New(path, flock.SetPermissions(0o644))
	if ok, err := lock.TryRLock(); err == nil && !ok {
		return holder(path), true
	}
	lock.Unlock()
	return "", false
}
