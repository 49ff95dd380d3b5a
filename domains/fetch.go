package domains

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

// moduleMirror marks a mirror that is a file inside a Go module.
const moduleMirror = "gomod:"

// A Fetcher brings the files of datasets to DataDir/<dataset>/<name>.
type Fetcher struct {
	DataDir string
	Client  *http.Client // nil: http.DefaultClient
	// Silence is how long a server may send nothing before the next mirror is
	// tried; 0 means 30 seconds.
	Silence time.Duration
	// Progress is told how many bytes of a file are there, of total (-1 when
	// unknown); nil shows nothing.
	Progress func(file string, done, total int64)
	// Module returns the folder of a Go module given as path@version; nil asks the
	// go command.
	Module func(ctx context.Context, module string) (string, error)
}

// A Fetched says what became of a file.
type Fetched struct {
	File   string `json:"file"`
	Path   string `json:"path"`
	Source string `json:"source"` // the mirror, or "" when the file was there
}

// Fetch gets what is missing of a dataset. Each mirror is tried in turn; a download
// that broke off is taken up where it stopped; a file appears under its name only
// when its checksum is right. A file that is there with another checksum is left
// alone and is an error.
func (f Fetcher) Fetch(ctx context.Context, dataset string) ([]Fetched, error) {
	ds, err := Datasets.Get(dataset)
	if err != nil {
		return nil, fmt.Errorf("domains: %w", err)
	}
	if len(ds.Files) == 0 {
		return nil, nil
	}
	if err := NeedDataDir(f.DataDir, dataset); err != nil {
		return nil, err
	}
	dir := filepath.Join(f.DataDir, dataset)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("domains: %w", err)
	}
	var out []Fetched
	for _, file := range ds.Files {
		path := filepath.Join(dir, file.Name)
		data, err := os.ReadFile(path)
		switch {
		case err == nil && file.accepts(data):
			out = append(out, Fetched{file.Name, path, ""})
			continue
		case err == nil:
			return out, Damaged("domains: %s: %s is there but is not the published file; move it away to fetch it anew", dataset, path)
		case !errors.Is(err, os.ErrNotExist):
			return out, fmt.Errorf("domains: %w", err)
		}
		source, err := f.one(ctx, file, path)
		if err != nil {
			return out, fmt.Errorf("domains: %s: %s: %w", dataset, file.Name, err)
		}
		out = append(out, Fetched{file.Name, path, source})
	}
	return out, nil
}

// one tries the mirrors of a file in turn.
func (f Fetcher) one(ctx context.Context, file File, path string) (string, error) {
	var faults []string
	for _, mirror := range file.Mirrors {
		var data []byte
		var err error
		if name, ok := strings.CutPrefix(mirror, moduleMirror); ok {
			data, err = f.fromModule(ctx, name)
		} else {
			data, err = f.download(ctx, mirror, file, path+".part")
		}
		if err == nil && !file.accepts(data) {
			err = fmt.Errorf("%d bytes with another checksum than published", len(data))
		}
		if err == nil {
			if err := atomicfile.WriteBytes(path, data); err != nil {
				return "", err
			}
			if err := os.Remove(path + ".part"); err != nil && !errors.Is(err, os.ErrNotExist) {
				return "", err
			}
			return mirror, nil
		}
		if ctx.Err() != nil {
			return "", ctx.Err()
		}
		faults = append(faults, fmt.Sprintf("%s: %v", mirror, err))
	}
	return "", fmt.Errorf("no mirror has it: %s; put the file there by hand", strings.Join(faults, "; "))
}

// download appends to the partial file what it lacks and returns the whole. A
// partial file whose whole has the wrong checksum is removed, so that the next
// mirror begins anew.
func (f Fetcher) download(ctx context.Context, url string, file File, part string) ([]byte, error) {
	have, err := os.ReadFile(part)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	if file.accepts(have) { // broken off after the last byte
		return have, nil
	}
	ctx, heard, stop := f.watch(ctx)
	defer stop()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	// The checksum is of the file as it lies on the server: no coding on the way.
	req.Header.Set("Accept-Encoding", "identity")
	if len(have) > 0 {
		req.Header.Set("Range", "bytes="+strconv.Itoa(len(have))+"-")
	}
	client := f.Client
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, because(ctx, err)
	}
	defer resp.Body.Close()
	flags := os.O_CREATE | os.O_WRONLY | os.O_APPEND
	switch resp.StatusCode {
	case http.StatusPartialContent:
		if got := resp.Header.Get("Content-Range"); !strings.HasPrefix(got, fmt.Sprintf("bytes %d-", len(have))) {
			return nil, fmt.Errorf("asked for bytes from %d on, the server sends %q", len(have), got)
		}
	case http.StatusOK: // the server sends the whole file
		have, flags = nil, os.O_CREATE|os.O_WRONLY|os.O_TRUNC
	case http.StatusRequestedRangeNotSatisfiable:
		return nil, errors.Join(fmt.Errorf("the partial download is longer than the file; it was removed"), os.Remove(part))
	default:
		return nil, fmt.Errorf("the server answers %s", resp.Status)
	}
	out, err := os.OpenFile(part, flags, 0o644)
	if err != nil {
		return nil, err
	}
	total := int64(-1)
	if resp.ContentLength >= 0 {
		total = int64(len(have)) + resp.ContentLength
	}
	_, err = io.Copy(out, &counted{io.LimitReader(resp.Body, UnpackedLimit), int64(len(have)), func(done int64) {
		heard()
		if f.Progress != nil {
			f.Progress(file.Name, done, total)
		}
	}})
	if err := errors.Join(err, out.Close()); err != nil {
		return nil, fmt.Errorf("broke off: %w; fetch again to go on", because(ctx, err))
	}
	whole, err := os.ReadFile(part)
	if err != nil {
		return nil, err
	}
	if !file.accepts(whole) {
		return whole, os.Remove(part)
	}
	return whole, nil
}

// watch gives a context that ends when nothing was heard for too long.
func (f Fetcher) watch(parent context.Context) (ctx context.Context, heard, stop func()) {
	silence := f.Silence
	if silence == 0 {
		silence = 30 * time.Second
	}
	ctx, cancel := context.WithCancelCause(parent)
	timer := time.AfterFunc(silence, func() { cancel(fmt.Errorf("the server sent nothing for %v", silence)) })
	return ctx, func() { timer.Reset(silence) }, func() { timer.Stop(); cancel(nil) }
}

// because is why the context ended where it has, else err.
func because(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// counted reports the bytes read so far.
type counted struct {
	r    io.Reader
	done int64
	tell func(done int64)
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.done += int64(n)
	c.tell(c.done)
	return n, err
}

// fromModule reads a file given as module@version/path.
func (f Fetcher) fromModule(ctx context.Context, name string) ([]byte, error) {
	at := strings.Index(name, "@")
	slash := strings.Index(name[max(at, 0):], "/")
	if at < 0 || slash < 0 {
		return nil, fmt.Errorf("%q is not module@version/path", name)
	}
	module, file := name[:at+slash], name[at+slash+1:]
	find := f.Module
	if find == nil {
		find = goModule
	}
	dir, err := find(ctx, module)
	if err != nil {
		return nil, err
	}
	return os.ReadFile(filepath.Join(dir, filepath.FromSlash(file)))
}

// goModule asks the go command to download a module and tell its folder.
func goModule(ctx context.Context, module string) (string, error) {
	cmd := exec.CommandContext(ctx, "go", "mod", "download", "-json", module)
	cmd.Dir = os.TempDir() // outside any module, whose requirements would matter
	out, err := cmd.Output()
	var answer struct{ Dir, Error string }
	if json.Unmarshal(out, &answer) == nil && answer.Error != "" {
		return "", errors.New(answer.Error)
	}
	if err != nil {
		return "", fmt.Errorf("the go command: %w", err)
	}
	return answer.Dir, nil
}

// A Verified is the state of a file of a dataset.
type Verified struct {
	File  string `json:"file"`
	Path  string `json:"path"`  // empty where no folder for data is known
	State string `json:"state"` // "ok", "missing" or "damaged"
}

// Verify compares the files of a dataset with their published checksums.
func Verify(dataDir, dataset string) ([]Verified, error) {
	ds, err := Datasets.Get(dataset)
	if err != nil {
		return nil, fmt.Errorf("domains: %w", err)
	}
	var out []Verified
	for _, file := range ds.Files {
		if dataDir == "" { // nowhere, not here
			out = append(out, Verified{File: file.Name, State: "missing"})
			continue
		}
		v := Verified{file.Name, filepath.Join(dataDir, dataset, file.Name), "ok"}
		data, err := os.ReadFile(v.Path)
		switch {
		case errors.Is(err, os.ErrNotExist):
			v.State = "missing"
		case err != nil:
			return nil, fmt.Errorf("domains: %w", err)
		case !file.accepts(data):
			v.State = "damaged"
		}
		out = append(out, v)
	}
	return out, nil
}
