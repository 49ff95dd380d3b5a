package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// onDisk is the room that the files below a folder take, in whole pages as tmpfs keeps them.
func onDisk(t *testing.T, folder string) (bytes int64) {
	t.Helper()
	err := filepath.WalkDir(folder, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			bytes += (info.Size() + 4095) / 4096 * 4096
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return bytes
}

// smallDisk mounts a file system of so many bytes at disk, and gives what makes it larger; it skips the test
// where that is not allowed.
func smallDisk(t *testing.T, bytes int64) (grow func(bytes int64)) {
	t.Helper()
	if err := os.Mkdir("disk", 0o755); err != nil {
		t.Fatal(err)
	}
	disk, err := filepath.Abs("disk")
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, fmt.Sprint("size=", bytes)); err != nil {
		t.Skipf("a small disk takes the right to mount one: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return func(bytes int64) {
		if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, fmt.Sprint("size=", bytes)); err != nil {
			t.Fatal(err)
		}
	}
}

// The disk is full in job 7 of 12: that job and those behind it fail in one line each that says what to do, the
// exit code is that of some failed jobs, the six before are whole, and with more room resume brings the
// others to the bytes that they have on a large disk.
func TestFullDisk(t *testing.T) {
	smallSandbox(t)
	seeds := "seeds=[0,1,2,3,4,5,6,7,8,9,10,11]"
	if code, _, said := command(0, "run", "small.yaml", seeds, "--runs", "large"); code != exitOK {
		t.Fatal(said)
	}
	want := contents(t, "large/small")
	one := (onDisk(t, "large") - onDisk(t, "large/small/report")) / 12
	grow := smallDisk(t, one*13/2)
	code, _, said := command(0, "run", "small.yaml", seeds, "--runs", "disk/runs")
	if code != exitSomeFailed {
		t.Errorf("exit %d, want %d", code, exitSomeFailed)
	}
	for i := range 12 {
		var ended []string
		for _, line := range strings.Split(said, "\n") {
			if from := fmt.Sprintf("[%d/12] seed=%d: ", i+1, i); strings.HasPrefix(line, from+"done") || strings.HasPrefix(line, from+"failed") {
				ended = append(ended, strings.TrimPrefix(line, from))
			}
		}
		switch text := strings.Join(ended, "\n"); {
		case i < 6 && text != "done":
			t.Errorf("job %d: %q, want done", i+1, text)
		case i >= 6 && (!strings.Contains(text, ": disk/runs/small/") || len(ended) != 1 ||
			strings.Count(text, "no space left on device; free some space and run `venn resume`") != 1 || strings.Count(text, "no space") != 1):
			t.Errorf("job %d: %q, want that there is no space left, and what to do, once", i+1, text)
		}
	}
	if code, _, said := command(0, "verify", "--runs", "disk/runs"); code != exitOK {
		t.Errorf("verify: exit %d\n%s", code, said)
	}
	grow(one * 30)
	if code, _, said := command(0, "resume", "--runs", "disk/runs"); code != exitOK {
		t.Fatalf("resume: exit %d\n%s", code, said)
	}
	got := contents(t, "disk/runs/small")
	for name, text := range want {
		if folder, _, _ := strings.Cut(name, "/"); folder != "report" && got[name] != text { // a report says how long trainings took
			t.Errorf("%s is another file than on a large disk", name)
		}
	}
}
