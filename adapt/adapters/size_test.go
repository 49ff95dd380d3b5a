package adapters

import (
	"fmt"
	"runtime"
	"testing"

	"github.com/venn-adapt/venn/adapt"
	"github.com/venn-adapt/venn/internal/option"
)

// BenchmarkSize fits methods at the sizes that they promise: 4000 rows in all for
// projections by a kernel of the rows, 2000 a domain for entropic transport.
func BenchmarkSize(b *testing.B) {
	for _, tt := range []struct {
		adapter string
		rows    int
		changes option.Values
	}{
		{"tca", 2000, option.Values{"kernel": "rbf", "dim": 30}},
		{"jda", 2000, option.Values{"kernel": "rbf", "dim": 100}},
		{"sinkhorn", 2000, nil},
		{"emd", 1000, nil},
	} {
		b.Run(fmt.Sprintf("%s/%d", tt.adapter, tt.rows), func(b *testing.B) {
			info, err := adapt.Adapters.Get(tt.adapter)
			if err != nil {
				b.Fatal(err)
			}
			source, target := blobs(1, tt.rows, 64, 10, 2.5), blobs(2, tt.rows, 64, 10, 2.5)
			m := adapt.Method{Adapter: info, Settings: option.Defaults(info.Options), Head: headOf(b, "knn", nil)}
			for k, v := range tt.changes {
				m.Settings[k] = v
			}
			for b.Loop() {
				a, err := m.Fit(adapt.Task{Source: source, Target: target.X})
				if err != nil {
					b.Fatal(err)
				}
				if len(a.Warnings) > 0 {
					b.Log(a.Warnings)
				}
			}
			var s runtime.MemStats
			runtime.ReadMemStats(&s)
			b.ReportMetric(float64(s.Sys)/(1<<20), "MiB")
		})
	}
}
