package experiments

// A method or a metric has a folder of its own and registers itself; being named
// here is what puts it into the program.
import (
	_ "github.com/venn-adapt/venn/metrics/discrepancy"
	_ "github.com/venn-adapt/venn/metrics/disentanglement"
	_ "github.com/venn-adapt/venn/metrics/image"
	_ "github.com/venn-adapt/venn/metrics/independence"
	_ "github.com/venn-adapt/venn/models/didd"
)
