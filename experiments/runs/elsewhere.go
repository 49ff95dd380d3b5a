package runs

import "path/filepath"

// Elsewhere lists where other runs below the same root have a file of the given name, sorted
// by path: those whose manifest vouches for it, which it hashes. What is wrong with a run is
// not looked into here; it is passed over.
func (r *RunDir) Elsewhere(name string) []string {
	root := filepath.Dir(filepath.Dir(r.Path))
	found, err := filepath.Glob(filepath.Join(globEscape(root), "*", "*", manifestName))
	if err != nil {
		return nil
	}
	var out []string
	for _, manifest := range found {
		dir := filepath.Dir(manifest)
		if dir == r.Path {
			continue
		}
		if sealed, err := OpenSealed(dir); err == nil && sealed.Check(name) == nil {
			out = append(out, filepath.Join(dir, filepath.FromSlash(name)))
		}
	}
	return out
}
