package attributes

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	"github.com/venn-adapt/venn/domains/domainstest"
)

// archiveOf writes a zip archive whose files hold their own names.
func archiveOf(t *testing.T, names ...string) string {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, name := range names {
		w, err := z.Create(name)
		if err == nil && !strings.HasSuffix(name, "/") {
			_, err = w.Write([]byte(name))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "faces.zip")
	domainstest.WriteFile(t, path, b.Bytes())
	return path
}

// A file of an archive is found by its path and by any end of it that is its alone.
func TestZipFindsByPathAndEnd(t *testing.T) {
	path := archiveOf(t, "set/", "set/a/1.png", "set/b/1.png", "set/b/2.png", `set\c\3.png`, "1.txt", "__MACOSX/set/b/._2.png")
	store, err := openStore(path)
	if err != nil {
		t.Fatal(err)
	}
	defer store.close()
	for name, want := range map[string]string{
		"set/a/1.png": "set/a/1.png", "a/1.png": "set/a/1.png", "b/1.png": "set/b/1.png", "2.png": "set/b/2.png", "b/2.png": "set/b/2.png",
		"c/3.png": `set\c\3.png`, "1.txt": "1.txt",
	} {
		data, err := store.read(name)
		if err != nil || string(data) != want {
			t.Errorf("%s is %q, %v, want %s", name, data, err, want)
		}
	}
	for name, want := range map[string]string{
		"1.png":     path + ": holds 1.png twice, as set/a/1.png and set/b/1.png; list it by its path",
		"d/2.png":   `d/2.png is listed, but is not in ` + path + `; did you mean "set/b/2.png"?`,
		"set/a/7.p": `set/a/7.p is listed, but is not in ` + path + `; did you mean "set/a/1.png"?`,
		"nothing":   "nothing is listed, but is not in " + path,
		"._2.png":   `._2.png is listed, but is not in ` + path + `; did you mean "1.txt"?`,
	} {
		if name == "._2.png" {
			if _, err := store.read(name); !errors.Is(err, fs.ErrNotExist) {
				t.Errorf("%s: %v, want no such file", name, err)
			}
			continue
		}
		if _, _, err := store.lock([]string{name}); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
	if _, _, err := store.lock([]string{"2.png", "1.txt"}); err != nil {
		t.Fatal(err)
	}
	_, _, err = store.lock([]string{"b/2.png"})
	if want := path + ": 2.png and b/2.png are both listed and are one file, set/b/2.png"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

func TestZipHoldsAPathTwice(t *testing.T) {
	path := archiveOf(t, "a/1.png", "./a/1.png")
	if _, err := openStore(path); err == nil || err.Error() != path+": holds a/1.png twice, as a/1.png and ./a/1.png" {
		t.Error(err)
	}
}

func TestFolderNamesTheNearest(t *testing.T) {
	root := t.TempDir()
	domainstest.WriteFile(t, filepath.Join(root, "img", "001.png"), []byte("x"))
	_, _, err := folderStore(root).lock([]string{"001.png"})
	if want := "001.png is listed, but is not in " + root + `; did you mean "img/001.png"?`; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if missing := new(domains.MissingError); !errors.As(err, &missing) {
		t.Errorf("%T, want a MissingError", err)
	}
}
