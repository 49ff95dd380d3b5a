// Package seeded gives property tests a fixed seed: pgregory.net/rapid otherwise takes one
// from the clock, and a test that fails once in a hundred runs stops whoever comes next. A
// test file that uses rapid imports it for its effect. -rapid.seed on the command line wins,
// and -rapid.seed=0 looks for new cases.
package seeded

import (
	"flag"
	"fmt"

	_ "pgregory.net/rapid" // whose flag it is
)

func init() {
	if err := flag.Set("rapid.seed", "1"); err != nil {
		panic(fmt.Sprintf("seeded: %v", err)) // another version of rapid
	}
}
