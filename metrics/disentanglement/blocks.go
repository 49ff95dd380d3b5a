package disentanglement

import "gonum.org/v1/gonum/mat"

// A Block is a part of the code that the question is about: common, separate A, separate B.
type Block struct {
	Name  string
	Codes *mat.Dense
}
