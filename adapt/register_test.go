package adapt_test

// What the tests of tuning and selection ask the tables for.
import (
	_ "github.com/venn-adapt/venn/adapt/adapters"
	_ "github.com/venn-adapt/venn/adapt/classifiers"
	_ "github.com/venn-adapt/venn/adapt/validators"
)
