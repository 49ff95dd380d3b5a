// Package runs answers where a job is and how far: its directory with what was written when
// and with which checksum, its lock and its state, how jobs of a plan are launched and gone
// on with, how damage is found and mended. It leaves open what a job does.
package runs
