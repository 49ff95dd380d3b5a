package domains

import (
	"testing"

	"github.com/venn-adapt/venn/domains/domainstest"
)

func FuzzUnpack(f *testing.F) {
	f.Add(domainstest.Gzipped(f, []byte("abc")), false)
	f.Add([]byte("BZh91AY&SY"), true)
	f.Fuzz(func(t *testing.T, data []byte, bz bool) {
		if len(data) > 1<<12 { // a bomb of this size unpacks within the limit
			return
		}
		name := "x.gz"
		if bz {
			name = "x.bz2"
		}
		if out, err := unpack(name, data); err == nil && len(out) > UnpackedLimit {
			t.Errorf("unpacked %d bytes", len(out))
		}
	})
}
