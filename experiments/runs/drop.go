package runs

import (
	"fmt"

	"github.com/venn-adapt/venn/internal/atomicfile"
)

// A Leaving is what a finished job keeps beside its results, for evaluations and uses that
// may come later, and what the user's settings may have it drop.
type Leaving string

// What can be dropped. Without checkpoints another evaluation trains anew, and there is
// no model to translate or encode with; without codes it encodes anew.
const (
	OldCheckpoints Leaving = "old-checkpoints" // all but the newest
	Checkpoints    Leaving = "checkpoints"
	Codes          Leaving = "codes"
)

// Leavings lists them.
var Leavings = []string{string(OldCheckpoints), string(Checkpoints), string(Codes)}

// drop removes leavings of a finished run. Its manifest keeps the seal of the records,
// which outlive the checkpoint that they belong to.
func (r *RunDir) drop(leavings []Leaving) error {
	for _, what := range leavings {
		var names []string
		switch what {
		case OldCheckpoints:
			if names = r.account.m.below("checkpoints"); len(names) > 0 {
				names = names[:len(names)-1]
			}
		case Checkpoints:
			names = r.account.m.below("checkpoints")
		case Codes:
			names = r.account.m.below("codes")
			if err := atomicfile.Remove(r.File("codes", CodesStamp)); err != nil { // first: it vouches for the others
				return fmt.Errorf("experiments: %w", err)
			}
		default:
			panic("runs: no leaving " + string(what))
		}
		r.account.sealed = true
		for _, name := range names {
			if err := atomicfile.Remove(r.File(name)); err != nil {
				return fmt.Errorf("experiments: %w", err)
			}
		}
		r.account.sealed = false
	}
	return r.account.sync()
}
