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
