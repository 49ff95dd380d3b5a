package runs

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

// manifestName is the file of a run directory that names every other one that a later
// step reads, with its size and SHA-256. One line an entry, each behind a checksum of
// its own, so that a flipped bit costs one entry and is seen:
//
//	<16 digits> file <bytes> <SHA-256> results.json
//	<16 digits> next <bytes> <SHA-256> <bytes before> <SHA-256 before> results.json
//	<16 digits> seal 40 <bytes> <SHA-256> metrics.jsonl
//	<16 digits> label seed=0
//
// next is written before the file that it announces is put in its place: a kill in
// between leaves what was before or what was to come, and anything else is damage. A
// seal is of the head of a file that grows, as a checkpoint of that step relies on it.
const manifestName = "manifest.txt"

const manifestHead = "venn manifest 1"

// A sealed is one entry: what a file holds, and what it may hold still.
type sealed struct {
	now    atomicfile.Sum
	before *atomicfile.Sum // where now was announced and not seen in place
	absent bool            // announced, and there was no file before
}

func (s sealed) holds(sum atomicfile.Sum) bool {
	return s.now == sum || s.before != nil && *s.before == sum
}

// A manifest is the content of manifest.txt.
type manifest struct {
	files map[string]sealed      // by path below the run directory, with slashes
	seals map[int]atomicfile.Sum // of the head of metrics.jsonl, by step
	label string                 // of the job, which its resolved spec does not tell
	// faults are lines that are not what was written.
	faults []string
}

func newManifest() *manifest {
	return &manifest{files: map[string]sealed{}, seals: map[int]atomicfile.Sum{}}
}

// readManifest reads the manifest of a run directory; nil without an error where there
// is none.
func readManifest(dir string) (*manifest, error) {
	data, err := os.ReadFile(filepath.Join(dir, manifestName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("experiments: %w", err)
	}
	return parseManifest(data), nil
}

func lineSum(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// parseManifest reads every line that is as it was written, and names the others.
func parseManifest(data []byte) *manifest {
	m := newManifest()
	lines := bytes.Split(data, []byte{'\n'})
	head := false
	for i, line := range lines {
		if i == len(lines)-1 && len(line) == 0 {
			break // after the last line's end
		}
		sum, text, _ := bytes.Cut(line, []byte{' '})
		switch {
		case i == len(lines)-1, string(sum) != lineSum(text):
			m.faults = append(m.faults, fmt.Sprintf("line %d is damaged", i+1))
		case string(text) == manifestHead:
			head = true
		case !m.take(string(text)):
			m.faults = append(m.faults, fmt.Sprintf("line %d is no entry", i+1))
		}
	}
	if !head && len(m.faults) == 0 {
		m.faults = append(m.faults, fmt.Sprintf("no line %q", manifestHead))
	}
	return m
}

// take reads one line without its checksum and says whether it could.
func (m *manifest) take(text string) bool {
	kind, rest, _ := strings.Cut(text, " ")
	words := func(n int) []string { return strings.SplitN(rest, " ", n) }
	switch kind {
	case "label":
		m.label = rest
		return true
	case "file":
		if w := words(3); len(w) == 3 {
			now, ok := parseSum(w[0], w[1])
			m.files[w[2]] = sealed{now: now}
			return ok
		}
	case "next":
		if w := words(5); len(w) == 5 {
			now, ok := parseSum(w[0], w[1])
			if w[2] == "-" {
				m.files[w[4]] = sealed{now: now, absent: true}
				return ok
			}
			before, also := parseSum(w[2], w[3])
			m.files[w[4]] = sealed{now: now, before: &before}
			return ok && also
		}
	case "seal":
		if w := words(4); len(w) == 4 && w[3] == recordsName {
			step, err := strconv.Atoi(w[0])
			sum, ok := parseSum(w[1], w[2])
			m.seals[step] = sum
			return ok && err == nil
		}
	}
	return false
}

func parseSum(size, digest string) (s atomicfile.Sum, ok bool) {
	n, err := strconv.ParseInt(size, 10, 64)
	raw, bad := hex.DecodeString(digest)
	if err != nil || bad != nil || n < 0 || len(raw) != len(s.SHA256) {
		return s, false
	}
	s.Size = n
	copy(s.SHA256[:], raw)
	return s, true
}

// encode is the whole file, entries in the order of their names.
func (m *manifest) encode() []byte {
	var b bytes.Buffer
	line := func(format string, args ...any) {
		text := fmt.Appendf(nil, format, args...)
		fmt.Fprintf(&b, "%s %s\n", lineSum(text), text)
	}
	line("%s", manifestHead)
	line("label %s", m.label)
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		switch e := m.files[name]; {
		case e.absent:
			line("next %d %x - - %s", e.now.Size, e.now.SHA256, name)
		case e.before != nil:
			line("next %d %x %d %x %s", e.now.Size, e.now.SHA256, e.before.Size, e.before.SHA256, name)
		default:
			line("file %d %x %s", e.now.Size, e.now.SHA256, name)
		}
	}
	for _, step := range slices.Sorted(maps.Keys(m.seals)) {
		line("seal %d %d %x %s", step, m.seals[step].Size, m.seals[step].SHA256, recordsName)
	}
	return b.Bytes()
}

// below lists the files of a folder of the run.
func (m *manifest) below(folder string) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(m.files)) {
		if strings.HasPrefix(name, folder+"/") {
			out = append(out, name)
		}
	}
	return out
}

// fault says what is wrong with a file of a run directory, "" where nothing is. A file
// that was announced may be missing if there was none before.
func (m *manifest) fault(dir, name string) (string, error) {
	entry, listed := m.files[name]
	sum, err := sumFile(filepath.Join(dir, filepath.FromSlash(name)))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if listed && !entry.absent {
			return "is missing", nil
		}
		return "", nil
	case err != nil:
		return "", fmt.Errorf("experiments: %w", err)
	}
	return m.verdict(name, sum), nil
}

// verdict says what is wrong with a file that holds sum.
func (m *manifest) verdict(name string, sum atomicfile.Sum) string {
	entry, listed := m.files[name]
	switch {
	case !listed:
		return "is not in " + manifestName
	case entry.holds(sum):
		return ""
	case entry.now.Size != sum.Size:
		return fmt.Sprintf("holds %d bytes where %d were written", sum.Size, entry.now.Size)
	}
	return fmt.Sprintf("was changed since it was written (SHA-256 %.6x then, %.6x now)", entry.now.SHA256, sum.SHA256)
}
