package domains

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

var payload = bytes.Repeat([]byte("seven by seven "), 4000)

// fetchable registers a dataset of one file with the given mirrors.
func fetchable(t *testing.T, mirrors ...string) string {
	t.Helper()
	name := "test-" + strings.ReplaceAll(t.Name(), "/", "-")
	for _, err := Datasets.Get(name); err == nil; _, err = Datasets.Get(name) {
		name += "-again"
	}
	sum := md5.Sum(payload)
	Datasets.Add(name, Dataset{Name: name, Files: []File{{Name: "f.bin", MD5: hex.EncodeToString(sum[:]), Mirrors: mirrors}}})
	return name
}

func serve(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func ranged(w http.ResponseWriter, r *http.Request) {
	http.ServeContent(w, r, "f.bin", time.Time{}, bytes.NewReader(payload))
}

func refuse(w http.ResponseWriter, _ *http.Request) {
	http.Error(w, "no", http.StatusInternalServerError)
}

func wrong(w http.ResponseWriter, _ *http.Request) { w.Write([]byte("another file")) }

func plain(w http.ResponseWriter, _ *http.Request) { w.Write(payload) }

func TestFetchTriesEachMirror(t *testing.T) {
	good := serve(t, ranged)
	name := fetchable(t, serve(t, refuse), serve(t, wrong), good)
	dir := t.TempDir()
	var last int64
	got, err := Fetcher{DataDir: dir, Progress: func(_ string, done, total int64) { last = done }}.Fetch(context.Background(), name)
	if err != nil || len(got) != 1 || got[0].Source != good || last != int64(len(payload)) {
		t.Fatalf("%v, %v, %d bytes shown", got, err, last)
	}
	if data, _ := os.ReadFile(got[0].Path); !bytes.Equal(data, payload) {
		t.Error("the file is not what was served")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, name, "*.part")); len(left) != 0 {
		t.Errorf("left %v", left)
	}
	again, err := Fetcher{DataDir: dir}.Fetch(context.Background(), name)
	if err != nil || again[0].Source != "" {
		t.Errorf("a file that is there was fetched again: %v, %v", again, err)
	}
}

// A download that breaks off is taken up where it stopped, or from the start where
// the server cannot.
func TestFetchResumes(t *testing.T) {
	for _, tt := range []struct {
		name string
		next http.HandlerFunc
		from int // first byte asked for that is expected to arrive
	}{{"range", ranged, 20000}, {"no range", plain, 0}} {
		t.Run(tt.name, func(t *testing.T) {
			calls, asked := 0, ""
			url := serve(t, func(w http.ResponseWriter, r *http.Request) {
				calls++
				if calls == 1 {
					w.Header().Set("Content-Length", strconv.Itoa(len(payload)))
					w.Write(payload[:20000])
					return // the server closes a connection that promised more
				}
				asked = r.Header.Get("Range")
				tt.next(w, r)
			})
			name, dir := fetchable(t, url), t.TempDir()
			if _, err := (Fetcher{DataDir: dir}).Fetch(context.Background(), name); err == nil || !strings.Contains(err.Error(), "broke off") {
				t.Fatalf("a broken download: %v", err)
			}
			if _, err := os.Stat(filepath.Join(dir, name, "f.bin")); !errors.Is(err, os.ErrNotExist) {
				t.Fatal("half a file has its name")
			}
			got, err := Fetcher{DataDir: dir}.Fetch(context.Background(), name)
			if err != nil || asked != "bytes=20000-" {
				t.Fatalf("second attempt: %v, asked for %q", err, asked)
			}
			if data, _ := os.ReadFile(got[0].Path); !bytes.Equal(data, payload) {
				t.Error("the parts do not make the file")
			}
		})
	}
}

func TestFetchFromModule(t *testing.T) {
	modules := t.TempDir()
	if err := os.WriteFile(filepath.Join(modules, "f.bin"), payload, 0o644); err != nil {
		t.Fatal(err)
	}
	name := fetchable(t, serve(t, refuse), "gomod:example.org/m@v1.2.3/f.bin")
	asked := ""
	f := Fetcher{DataDir: t.TempDir(), Module: func(_ context.Context, m string) (string, error) { asked = m; return modules, nil }}
	if _, err := f.Fetch(context.Background(), name); err != nil || asked != "example.org/m@v1.2.3" {
		t.Errorf("%v, asked for %q", err, asked)
	}
}

func TestFetchFailsInOneLine(t *testing.T) {
	name, dir := fetchable(t, serve(t, refuse), serve(t, wrong)), t.TempDir()
	_, err := Fetcher{DataDir: dir}.Fetch(context.Background(), name)
	if err == nil || !strings.Contains(err.Error(), "500 Internal Server Error") || !strings.Contains(err.Error(), "another checksum") || strings.Contains(err.Error(), "\n") {
		t.Errorf("error %v", err)
	}
	path := filepath.Join(dir, name, "f.bin")
	if err := os.WriteFile(path, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	var damage *DamagedError
	if _, err := (Fetcher{DataDir: dir}).Fetch(context.Background(), name); !errors.As(err, &damage) {
		t.Errorf("a file with another checksum: %v", err)
	}
	if data, _ := os.ReadFile(path); string(data) != "mine" {
		t.Error("a file that was there was overwritten")
	}
	v, err := Verify(dir, name)
	if err != nil || len(v) != 1 || v[0].State != "damaged" {
		t.Errorf("verify: %v, %v", v, err)
	}
}

// A server that falls silent, or sends another range than it was asked for, is
// left for the next mirror.
func TestFetchLeavesBadServers(t *testing.T) {
	mute := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", strconv.Itoa(len(payload)))
		w.Write(payload[:1000])
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
	shifted := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Range", "bytes 0-59999/60000")
		w.WriteHeader(http.StatusPartialContent)
		w.Write(payload)
	}
	asked := ""
	good := serve(t, func(w http.ResponseWriter, r *http.Request) { asked = r.Header.Get("Range"); ranged(w, r) })
	name, dir := fetchable(t, serve(t, mute), serve(t, shifted), good), t.TempDir()
	got, err := Fetcher{DataDir: dir, Silence: 100 * time.Millisecond}.Fetch(context.Background(), name)
	if err != nil || got[0].Source != good || asked != "bytes=1000-" {
		t.Fatalf("%v, %v, asked for %q", got, err, asked)
	}
	only := fetchable(t, serve(t, mute))
	_, err = Fetcher{DataDir: t.TempDir(), Silence: 100 * time.Millisecond}.Fetch(context.Background(), only)
	if err == nil || !strings.Contains(err.Error(), "the server sent nothing for 100ms") {
		t.Errorf("silence: %v", err)
	}
}

// The checksum is of the file as it lies on the server, so it is asked for
// without a coding that the transport would undo.
func TestFetchAsksForTheFileItself(t *testing.T) {
	asked := ""
	name := fetchable(t, serve(t, func(w http.ResponseWriter, r *http.Request) { asked = r.Header.Get("Accept-Encoding"); plain(w, r) }))
	if _, err := (Fetcher{DataDir: t.TempDir()}).Fetch(context.Background(), name); err != nil || asked != "identity" {
		t.Errorf("%v, accepts %q", err, asked)
	}
}
