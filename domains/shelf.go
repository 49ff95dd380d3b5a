package domains

import (
	"context"
	"fmt"
	"sync"
)

// A Shelf keeps the domain of each side that was loaded last, for jobs of one process that ask for the same one after the other:
// of small networks, reading takes as long as training. Who takes a domain from it must not change it. The
// zero value is empty and ready, for several jobs at once too.
type Shelf struct {
	mu   sync.Mutex
	kept [2]struct {
		asked  string
		domain *Domain
	}
}

// Load is what Load gives for the request, read again only if it is another than the last of its side: a file that
// changes in between is not seen.
func (s *Shelf) Load(ctx context.Context, dataset string, r Request) (*Domain, error) {
	if r.Side != A && r.Side != B {
		return Load(ctx, dataset, r) // which says what is wrong
	}
	of := r
	of.Progress = nil
	asked := fmt.Sprintf("%q %+v", dataset, of)
	s.mu.Lock()
	kept := &s.kept[r.Side]
	if kept.asked == asked {
		defer s.mu.Unlock()
		return kept.domain, nil
	}
	kept.asked, kept.domain = "", nil // two do not have to be in memory
	s.mu.Unlock()
	d, err := Load(ctx, dataset, r)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	kept.asked, kept.domain = asked, d
	return d, nil
}
