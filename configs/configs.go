// Package configs holds the specs that ship with Venn. Each is complete on its
// own and opens with its question, source and expected time.
package configs

import "embed"

// Files holds the specs, <name>.yaml each.
//
//go:embed *.yaml
var Files embed.FS
