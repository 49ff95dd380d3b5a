package domains

import (
	"fmt"
	"strings"
	"testing"

	"github.com/venn-adapt/venn/internal/kept"
)

func TestOptions(t *testing.T) {
	text := ""
	for _, d := range Datasets.All() {
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
