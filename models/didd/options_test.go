package didd

import (
	"testing"

	"github.com/venn-adapt/venn/internal/kept"
	"github.com/venn-adapt/venn/models"
)

func TestOptions(t *testing.T) {
	m, err := models.Methods.Get("didd")
	if err != nil {
		t.Fatal(err)
	}
	kept.Text(t, "options.txt", kept.Options(m.Name, m.AllOptions(), nil))
}

// A version stands with every result: it changes where a result would.
func TestVersion(t *testing.T) {
	if m, err := models.Methods.Get("didd"); err != nil || m.Version != 1 {
		t.Errorf("version %d, %v", m.Version, err)
	}
}
