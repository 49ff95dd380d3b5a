package runs

import "github.com/venn-adapt/venn/internal/check"

// The comparisons of these tests.
var equal = check.Equal
