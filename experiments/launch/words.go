package launch

import (
	"bytes"
	"strings"
	"sync"
)

// most is how much of a worker's last words is kept, and longest how much of a line is told.
const (
	most    = 1 << 16
	longest = 300
)

// words keep what a process writes to stderr: the end of it, and the line in which the
// program says why it ends, which pages of stacks may follow.
type words struct {
	mu    sync.Mutex
	text  []byte
	cause string
}

func (w *words) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	begin := max(0, bytes.LastIndexByte(w.text, '\n')+1)
	w.text = append(w.text, p...)
	lines := strings.Split(string(w.text[begin:]), "\n")
	for _, line := range lines[:len(lines)-1] { // the last is not whole yet
		for _, mark := range []string{"fatal error: ", "panic: ", "runtime: out of memory"} {
			if w.cause == "" && strings.HasPrefix(line, mark) {
				w.cause = line
			}
		}
	}
	if extra := len(w.text) - most; extra > 0 {
		w.text = append([]byte{}, w.text[extra:]...)
	}
	return len(p), nil
}

// last is one line: why the process ended, or what it said last.
func (w *words) last() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	line := w.cause
	if line == "" {
		lines := strings.Split(strings.TrimSpace(string(w.text)), "\n")
		line = lines[len(lines)-1]
	}
	if len(line) > longest {
		line = line[:longest] + "..."
	}
	return strings.ToValidUTF8(strings.TrimSpace(line), "?")
}

// tail is all that is kept.
func (w *words) tail() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.ToValidUTF8(string(w.text), "?")
}
