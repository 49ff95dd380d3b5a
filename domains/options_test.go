package domains_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/domains"
	_ "github.com/venn-adapt/venn/domains/attributes"
	_ "github.com/venn-adapt/venn/domains/digits"
	_ "github.com/venn-adapt/venn/domains/drawn"
	_ "github.com/venn-adapt/venn/domains/folder"
	_ "github.com/venn-adapt/venn/domains/shapes"
	"github.com/venn-adapt/venn/internal/kept"
)

func TestOptions(t *testing.T) {
	text := ""
	for _, d := range domains.Datasets.All() {
		if strings.HasPrefix(d.Name, "test-") { // of another test
			continue
		}
		text += kept.Options(d.Name, d.Options, nil)
		for _, f := range d.Files {
			text += fmt.Sprintf("  file %s, %d bytes, MD5 %s, SHA-256 %v, of %v\n", f.Name, f.Bytes, f.MD5, f.SHA256, f.Mirrors)
		}
	}
	kept.Entries(t, "options.txt", text)
}

// A name that is almost one of a dataset's is answered by it.
func TestUnknownDataset(t *testing.T) {
	if _, err := domains.Load(t.Context(), "minst", domains.Request{}); err == nil || err.Error() != `domains: unknown dataset "minst"; did you mean "mnist"?` {
		t.Error(err)
	}
}
