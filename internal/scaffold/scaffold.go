// Package scaffold writes the first version of an extension: a file that compiles and is
// listed, its test with the conformance walk of its kind, and its line in the docs. What is
// written works as it stands; its author then puts his own idea in the place of the example.
package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"

	"github.com/venn-adapt/venn/internal/registry"
)

//go:embed templates
var templates embed.FS

// places says where the file of a kind goes, below the root of the module.
var places = map[string]string{
	"method":     "models/deep",
	"adapter":    "adapt/adapters",
	"metric":     "metrics/discrepancy",
	"evaluation": "experiments/evaluate",
	"dataset":    "domains/drawn",
}

// Kinds are what can be made, sorted.
func Kinds() []string { return slices.Sorted(maps.Keys(places)) }

// A File is one to be written: its path below the root of the module and its text.
type File struct {
	Path string
	Text []byte
}

var nameForm = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// New makes the files of an extension. It fails on a kind that there is not, and on a name
// that is not of small letters, digits and single dashes.
func New(kind, name string) ([]File, error) {
	folder, ok := places[kind]
	if !ok {
		return nil, fmt.Errorf("scaffold: unknown kind %q%s", kind, registry.DidYouMean(kind, Kinds()))
	}
	if !nameForm.MatchString(name) {
		return nil, fmt.Errorf("scaffold: name %q, want small letters, digits and single dashes, a letter first: my-method", name)
	}
	title := ""
	for _, part := range strings.Split(name, "-") {
		title += strings.ToUpper(part[:1]) + part[1:]
	}
	// The name of a built-in function or of a keyword cannot stand alone.
	words := map[string]string{"Name": name, "Title": title, "Ident": "new" + title}
	base := filepath.Join(folder, strings.ReplaceAll(name, "-", "_"))
	var out []File
	for _, part := range []string{".go", "_test.go"} {
		t, err := template.ParseFS(templates, "templates/"+kind+part+".tmpl")
		if err != nil {
			return nil, fmt.Errorf("scaffold: %w", err)
		}
		var b bytes.Buffer
		if err := t.Execute(&b, words); err != nil {
			return nil, fmt.Errorf("scaffold: %w", err)
		}
		out = append(out, File{base + part, b.Bytes()})
	}
	return out, nil
}

// docs is the page that lists extensions, below listHead.
const (
	docs     = "docs/extending.md"
	listHead = "## Extensions in this checkout\n"
)

// Write writes the files below the root of a checkout of the module, and their line in the
// docs. It fails, before anything is written, where a file is there already or the root is
// no such checkout.
func Write(root, kind, name string, files []File) error {
	page, err := os.ReadFile(filepath.Join(root, docs))
	if err != nil {
		return fmt.Errorf("scaffold: %s: no checkout of Venn's source: %w", root, err)
	}
	for _, f := range files {
		if _, err := os.Lstat(filepath.Join(root, f.Path)); !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("scaffold: %s is there already; choose another name", f.Path)
		}
	}
	for _, f := range files {
		if err := os.WriteFile(filepath.Join(root, f.Path), f.Text, 0o644); err != nil {
			return fmt.Errorf("scaffold: %w", err)
		}
	}
	if !bytes.Contains(page, []byte(listHead)) {
		page = append(page, "\n"+listHead+"\n"...)
	}
	page = append(page, fmt.Sprintf("* %s `%s`: %s\n", kind, name, files[0].Path)...)
	if err := os.WriteFile(filepath.Join(root, docs), page, 0o644); err != nil {
		return fmt.Errorf("scaffold: %w", err)
	}
	return nil
}
