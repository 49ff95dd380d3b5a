package adapt

import (
	"bytes"
	"crypto/sha256"
	"encoding/gob"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/venn-adapt/venn/internal/option"
)

// savedFormat heads a saved classifier and is raised when the meaning of one changes.
const savedFormat = "venn-classifier-1"

// savedLimit is the most bytes that a saved classifier may have.
const savedLimit = 1 << 32

// A header is the first line of a saved classifier; the state follows.
type header struct {
	Format   string        `json:"format"`
	Name     string        `json:"name"`
	Settings option.Values `json:"settings"`
	Bytes    int           `json:"bytes"`
	SHA256   string        `json:"sha256"` // of the state
}

// Save writes a fitted classifier of the named kind with its settings: a line of JSON,
// then its state. Loading it gives the same probabilities to the last bit.
func Save(w io.Writer, name string, settings option.Values, c Classifier) error {
	var state bytes.Buffer
	if err := gob.NewEncoder(&state).Encode(c); err != nil {
		return fmt.Errorf("adapt: save %s: %w", name, err)
	}
	sum := sha256.Sum256(state.Bytes())
	line, err := json.Marshal(header{savedFormat, name, settings, state.Len(), hex.EncodeToString(sum[:])})
	if err != nil {
		return fmt.Errorf("adapt: save %s: %w", name, err)
	}
	if _, err := w.Write(append(append(line, '\n'), state.Bytes()...)); err != nil {
		return fmt.Errorf("adapt: save %s: %w", name, err)
	}
	return nil
}

// Load reads what Save wrote. It fails on another format, an unknown kind, settings that
// the kind does not have and a state that is cut short or damaged.
func Load(r io.Reader) (name string, c Classifier, err error) {
	data, err := io.ReadAll(io.LimitReader(r, savedLimit))
	if err != nil {
		return "", nil, fmt.Errorf("adapt: load: %w", err)
	}
	line, state, found := bytes.Cut(data, []byte{'\n'})
	var h header
	if !found || json.Unmarshal(line, &h) != nil || h.Format != savedFormat {
		return "", nil, fmt.Errorf("adapt: load: not a saved classifier of format %s", savedFormat)
	}
	info, err := Classifiers.Get(h.Name)
	if err != nil {
		return "", nil, fmt.Errorf("adapt: load: %w", err)
	}
	sum := sha256.Sum256(state)
	if h.Bytes != len(state) || h.SHA256 != hex.EncodeToString(sum[:]) {
		return "", nil, fmt.Errorf("adapt: load: %s: the state is cut short or damaged (%d of %d bytes)", h.Name, len(state), h.Bytes)
	}
	settings := option.Defaults(info.Options)
	for key, value := range h.Settings {
		i := 0
		for i < len(info.Options) && info.Options[i].Name != key {
			i++
		}
		if i == len(info.Options) {
			return "", nil, fmt.Errorf("adapt: load: %s has no option %q", h.Name, key)
		}
		if settings[key], err = info.Options[i].Check(value); err != nil {
			return "", nil, fmt.Errorf("adapt: load: %s: %s: %w", h.Name, key, err)
		}
	}
	c = info.New(settings)
	if err := decode(state, c); err != nil {
		return "", nil, fmt.Errorf("adapt: load: %s: %w", h.Name, err)
	}
	return h.Name, c, nil
}

// decode fills a classifier from its state. The checksum has been compared, so what
// fails here was written by another version of the program.
func decode(state []byte, c Classifier) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = errors.New("a state of another version of the program")
		}
	}()
	return gob.NewDecoder(bytes.NewReader(state)).Decode(c)
}
