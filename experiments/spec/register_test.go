package spec

// What specs name.
import (
	_ "github.com/venn-adapt/venn/adapt/adapters"
	_ "github.com/venn-adapt/venn/adapt/classifiers"
	_ "github.com/venn-adapt/venn/adapt/validators"
)
