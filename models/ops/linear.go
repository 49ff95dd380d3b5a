package ops

import (
	"fmt"

	G "gorgonia.org/gorgonia"
	"gorgonia.org/tensor"

	"github.com/venn-adapt/venn/internal/kernels"
)

// Linear adds x (N x in) times the transpose of w (out x in) plus bias (out): N x
// out. A frozen layer passes the gradient on to x but has none of its own, as the
// discriminator within the auto-encoder's step.
func (g *Graph) Linear(layer string, frozen bool, x, w, bias *Node) *Node {
	return g.apply(layer, linear(frozen), x, w, bias)
}

// linearAttrs say whether the layer itself is without gradient.
type linearAttrs struct{ Frozen bool }

// productAttrs say which factors are transposed.
type productAttrs struct{ Left, Right bool }

func init() {
	onCPUPlain("linear", linearEval[float32], linearEval[float64])
	onCPU("product", productEval[float32], productEval[float64])
	onCPUPlain("row-sums", rowSumsEval[float32], rowSumsEval[float64])
}

func linear(frozen bool) *op {
	return &op{
		kind: "linear", attrs: linearAttrs{frozen}, ranks: []int{2, 2, 1}, rank: 2, wrt: []bool{true, !frozen, !frozen},
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			x, w, b := s[0], s[1], s[2]
			if x[1] != w[1] || w[0] != b[0] {
				return nil, fmt.Errorf("input %v, weight %v and bias %v do not fit", x, w, b)
			}
			return tensor.Shape{x[0], w[0]}, nil
		},
		diff: func(in G.Nodes, _, grad *G.Node) (G.Nodes, error) {
			dx, err := applyOp(matrixProduct(false, false), grad, in[1])
			if err != nil || frozen {
				return G.Nodes{dx, nil, nil}, err
			}
			dw, err := applyOp(matrixProduct(true, false), grad, in[0])
			if err != nil {
				return nil, err
			}
			db, err := applyOp(rowSums(), grad)
			return G.Nodes{dx, dw, db}, err
		},
	}
}

func linearEval[F kernels.Float](out arg[F], in []arg[F]) {
	kernels.Gemm(matrix(out), matrix(in[0]), matrix(in[1]).T(), false)
	kernels.AddRows(out.data, in[2].data)
}

func matrix[F kernels.Float](a arg[F]) kernels.Matrix[F] {
	return kernels.Dense(a.shape[0], a.shape[1], a.data)
}

// matrixProduct multiplies two matrices, each transposed or not.
func matrixProduct(left, right bool) *op {
	return &op{
		kind: "product", attrs: productAttrs{left, right}, ranks: []int{2, 2}, rank: 2,
		infer: func(s []tensor.Shape) (tensor.Shape, error) {
			a, b := turned(s[0], left), turned(s[1], right)
			if a[1] != b[0] {
				return nil, fmt.Errorf("factors %v and %v do not fit", a, b)
			}
			return tensor.Shape{a[0], b[1]}, nil
		},
	}
}

func turned(s tensor.Shape, transposed bool) tensor.Shape {
	if transposed {
		return tensor.Shape{s[1], s[0]}
	}
	return s
}

func productEval[F kernels.Float](t productAttrs) eval[F] {
	return func(out arg[F], in []arg[F]) {
		a, b := matrix(in[0]), matrix(in[1])
		if t.Left {
			a = a.T()
		}
		if t.Right {
			b = b.T()
		}
		kernels.Gemm(matrix(out), a, b, false)
	}
}

func rowSums() *op {
	return &op{
		kind: "row-sums", ranks: []int{2}, rank: 1,
		infer: func(s []tensor.Shape) (tensor.Shape, error) { return tensor.Shape{s[0][1]}, nil },
	}
}

func rowSumsEval[F kernels.Float](out arg[F], in []arg[F]) { kernels.SumRows(out.data, in[0].data) }
