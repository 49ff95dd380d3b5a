// Command venn trains models that split two image domains into what they share and
// what is particular to each, and measures what the split is worth.
//
//	venn run quickstart
//	venn list presets
package main

import (
	"io"
	"os"
	"runtime/debug"
)

func main() {
	// The heap of a training is a few large arrays that hold no pointers: looking
	// for garbage often costs nothing there, and waiting until as much garbage as
	// heap has come together would double the memory.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(20)
	}
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is the whole program: arguments and streams in, exit code out.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	return newApp(stdin, stdout, stderr).execute(args)
}
