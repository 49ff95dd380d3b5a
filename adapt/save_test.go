package adapt

import (
	"bytes"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/option"
)

// Every classifier comes back from its file with the same bits.
func TestSaveAndLoad(t *testing.T) {
	train, queries := blobs(1, 60, 5, 3, 1.5), blobs(2, 30, 5, 3, 1.5)
	for _, info := range Classifiers.All() {
		c := fitted(t, info, train, 4)
		want := probabilities(t, c, queries.X)
		var file, again bytes.Buffer
		if err := Save(&file, info.Name, option.Defaults(info.Options), c); err != nil {
			t.Fatalf("%s: %v", info.Name, err)
		}
		if err := Save(&again, info.Name, option.Defaults(info.Options), c); err != nil || !bytes.Equal(file.Bytes(), again.Bytes()) {
			t.Errorf("%s: saved twice, two files (%v)", info.Name, err)
		}
		name, loaded, err := Load(bytes.NewReader(file.Bytes()))
		if err != nil || name != info.Name {
			t.Fatalf("%s: loaded %q: %v", info.Name, name, err)
		}
		if got := probabilities(t, loaded, queries.X); !mat.Equal(got, want) {
			t.Errorf("%s: other probabilities after loading", info.Name)
		}
		if err := loaded.Fit(train); err != nil {
			t.Errorf("%s: a loaded classifier does not fit again: %v", info.Name, err)
		}
	}
}

func TestLoadRefuses(t *testing.T) {
	info, _ := Classifiers.Get("centroid")
	var file bytes.Buffer
	if err := Save(&file, "centroid", option.Defaults(info.Options), fitted(t, info, blobs(1, 30, 3, 3, 1), 3)); err != nil {
		t.Fatal(err)
	}
	good := file.String()
	for _, tt := range []struct{ name, text, want string }{
		{"empty", "", "not a saved classifier"},
		{"garbage", "garbage\n", "not a saved classifier"},
		{"cut", good[:len(good)-3], "cut short or damaged"},
		{"changed", good[:len(good)-1] + "x", "cut short or damaged"},
		{"format", strings.Replace(good, "venn-classifier-1", "venn-classifier-2", 1), "not a saved classifier of format venn-classifier-1"},
		{"kind", strings.Replace(good, `"name":"centroid"`, `"name":"centroids"`, 1), `unknown classifier "centroids"; did you mean "centroid"?`},
		{"option", strings.Replace(good, `"standardise":"none"`, `"standardize":"none"`, 1), `centroid has no option "standardize"`},
		{"value", strings.Replace(good, `"standardise":"none"`, `"standardise":"all"`, 1), `adapt: load: centroid: standardise: "all", want one of source, none`},
	} {
		if _, _, err := Load(strings.NewReader(tt.text)); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want %q", tt.name, err, tt.want)
		}
	}
}

func FuzzLoad(f *testing.F) {
	info, _ := Classifiers.Get("forest")
	settings := option.Defaults(info.Options)
	settings["trees"] = 2
	c := info.New(settings)
	if err := c.Fit(blobs(1, 30, 3, 3, 1)); err != nil {
		f.Fatal(err)
	}
	var file bytes.Buffer
	if err := Save(&file, "forest", settings, c); err != nil {
		f.Fatal(err)
	}
	f.Add(file.Bytes())
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, c, err := Load(bytes.NewReader(data)); (c == nil) == (err == nil) {
			t.Errorf("classifier %v with error %v", c, err)
		}
	})
}
