package domains

import (
	"fmt"
	"os"
	"path/filepath"
)

// Disjoint fails when the two domains of a study share an image: what both hold
// cannot tell what each has of its own.
func Disjoint(a, b *Domain) error {
	if a.Name != b.Name {
		return nil
	}
	in := map[string]bool{}
	for _, s := range []Split{a.Train, a.Test} {
		for _, name := range s.Names {
			in[name] = true
		}
	}
	count, first := 0, ""
	for _, s := range []Split{b.Train, b.Test} {
		for _, name := range s.Names {
			if in[name] {
				if count++; count == 1 {
					first = name
				}
			}
		}
	}
	if count > 0 {
		return fmt.Errorf("domains: %s: where %q and where %q both select %d images, the first %s; want expressions that exclude each other",
			a.Name, a.Lock.Options["where"], b.Lock.Options["where"], count, first)
	}
	return nil
}

// readTable reads and locks a file of attributes.
func readTable(dataset, where string, parse func([]byte) (*attributeTable, error)) (*attributeTable, LockedFile, error) {
	data, err := os.ReadFile(where)
	if missing(err) {
		return nil, LockedFile{}, &MissingError{fmt.Errorf("domains: %s: %s is missing", dataset, where)}
	}
	if err != nil {
		return nil, LockedFile{}, fmt.Errorf("domains: %s: %w", dataset, err)
	}
	table, err := parse(data)
	if err != nil {
		return nil, LockedFile{}, damaged("domains: %s: %s: %w", dataset, where, err)
	}
	return table, LockedFile{Name: filepath.Base(where), Bytes: int64(len(data)), SHA256: sumOf(data)}, nil
}
