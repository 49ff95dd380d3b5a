package logistic

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mat"

	"github.com/venn-adapt/venn/internal/dense"
	"github.com/venn-adapt/venn/internal/kernels"
	"github.com/venn-adapt/venn/internal/stream"
)

// A preconditioner relates rows of weights w to rows of variables v in which the
// objective is nearly round: w = v T, T symmetric or triangular with T Tᵀ near the
// inverse of the Hessian of a row. All work in place on whole rows.
//
// With equal probabilities the Hessian is (I - 11'/K)/K (x) covariance + lambda I.
type preconditioner interface {
	apply(v []float64) // v T
	pull(g []float64)  // the gradient by v from that by w: g Tᵀ
	undo(w []float64)  // w T⁻¹
}

// denseColumns is the widest covariance that is factorised; of a wider one the
// largest eigenvectors are used.
const denseColumns = 512

func (r *Rows) preconditioner(classes int, lambda float64) (preconditioner, error) {
	n, d := r.x.Dims()
	if d <= denseColumns {
		return newTriangular(r.x, r.mean, classes, lambda)
	}
	if r.leading == nil {
		var err error
		if r.leading, err = newBasis(centred(r.x, r.mean, min(n, mostRows)), mostVectors); err != nil {
			return nil, err
		}
	}
	return r.leading.lowRank(classes, lambda), nil
}

// centred takes rows of x, evenly spread, less the mean.
func centred(x *mat.Dense, mean []float64, rows int) *mat.Dense {
	n, d := x.Dims()
	out := mat.NewDense(rows, d, nil)
	for r := range rows {
		floats.SubTo(out.RawRowView(r), x.RawRowView(int(int64(r)*int64(n)/int64(rows))), mean)
	}
	return out
}

// triangular is the factor of the whole Hessian UᵀU: T = U⁻ᵀ.
type triangular struct{ upper blas64.Triangular }

// newTriangular takes the covariance of at most 4d rows.
func newTriangular(x *mat.Dense, mean []float64, classes int, lambda float64) (triangular, error) {
	n, d := x.Dims()
	rows := min(n, 4*d+64)
	c := centred(x, mean, rows)
	h := mat.NewDense(d, d, nil)
	multiply(h, dense.View(c).T(), dense.View(c))
	sym := mat.NewSymDense(d, h.RawMatrix().Data)
	sym.ScaleSym(1/float64(rows*classes), sym)
	for j := range d {
		sym.SetSym(j, j, sym.At(j, j)+lambda)
	}
	var chol mat.Cholesky
	if !chol.Factorize(sym) {
		return triangular{}, fmt.Errorf("logistic: lambda %g is lost to rounding beside the columns' variances: scale the columns", lambda)
	}
	return triangular{chol.RawU().(*mat.TriDense).RawTriangular()}, nil
}

func (t triangular) rows(v []float64) blas64.General {
	return blas64.General{Rows: len(v) / t.upper.N, Cols: t.upper.N, Stride: t.upper.N, Data: v}
}

func (t triangular) apply(v []float64) {
	blas64.Trsm(blas.Right, blas.Trans, 1, t.upper, t.rows(v))
}

func (t triangular) pull(g []float64) {
	blas64.Trsm(blas.Right, blas.NoTrans, 1, t.upper, t.rows(g))
}

func (t triangular) undo(w []float64) { // w Uᵀ
	for i := 0; i < len(w); i += t.upper.N {
		blas64.Trmv(blas.NoTrans, t.upper, blas64.Vector{N: t.upper.N, Inc: 1, Data: w[i : i+t.upper.N]})
	}
}

// lowRank knows the largest eigenvectors of the Hessian and takes the others'
// eigenvalue to be one number: T = a·I + U·diag(b)·Uᵀ.
type lowRank struct {
	*basis
	a, inverseA float64
	b, inverseB []float64
}

// A basis holds the largest eigenvectors of XᵀX, X some centred rows.
type basis struct {
	vectors, turned *kernels.Packed[float64] // d x r, orthonormal columns; transposed
	values          []float64
	columns, rows   int
	rest            float64 // mean of the other eigenvalues
}

const (
	mostVectors = 320
	mostRows    = 4096
	subspace    = 2 // steps of the subspace iteration
)

// newBasis finds eigenvectors by subspace iteration from random directions of a
// fixed stream: Halko, Martinsson and Tropp, "Finding Structure with Randomness",
// SIAM Review 53 (2011), algorithm 4.4. They need not be exact: the optimum does
// not depend on them. Time O(n d r).
func newBasis(x *mat.Dense, vectors int) (*basis, error) {
	n, d := x.Dims()
	r := min(vectors, n, d)
	q := mat.NewDense(d, r, nil)
	random := stream.New(0, "logistic", "subspace")
	for i := range q.RawMatrix().Data {
		q.RawMatrix().Data[i] = random.NormFloat64()
	}
	image := mat.NewDense(n, r, nil)
	for range subspace {
		multiply(image, dense.View(x), dense.View(q))
		multiply(q, dense.View(x).T(), dense.View(image))
		if !orthonormalise(q) { // fewer directions than asked for: all of them are scaled alike
			q.Zero()
			break
		}
	}
	multiply(image, dense.View(x), dense.View(q))
	small := mat.NewDense(r, r, nil)
	multiply(small, dense.View(image).T(), dense.View(image))
	var eig mat.EigenSym
	if !eig.Factorize(mat.NewSymDense(r, small.RawMatrix().Data), true) {
		return nil, fmt.Errorf("logistic: no eigenvalues of a %d x %d matrix", r, r)
	}
	var turn mat.Dense
	eig.VectorsTo(&turn)
	u := mat.NewDense(d, r, nil)
	multiply(u, dense.View(q), dense.View(&turn))
	b := &basis{vectors: kernels.Pack(dense.View(u)), turned: kernels.Pack(dense.View(u).T()), values: eig.Values(nil), columns: d, rows: n}
	for i := range n {
		b.rest += floats.Dot(x.RawRowView(i), x.RawRowView(i))
	}
	b.rest = max(0, b.rest-floats.Sum(b.values)) / float64(max(1, min(n, d)-r))
	return b, nil
}

// lowRank is the preconditioner under a penalty.
func (b *basis) lowRank(classes int, lambda float64) *lowRank {
	scale := 1 / float64(b.rows*classes)
	l := &lowRank{basis: b, a: 1 / math.Sqrt(b.rest*scale+lambda)}
	l.inverseA = 1 / l.a
	for _, v := range b.values {
		root := math.Sqrt(max(0, v)*scale + lambda)
		l.b, l.inverseB = append(l.b, 1/root-l.a), append(l.inverseB, root-l.inverseA)
	}
	return l
}

func (l *lowRank) apply(v []float64) { l.transform(v, l.a, l.b) }
func (l *lowRank) pull(g []float64)  { l.transform(g, l.a, l.b) }
func (l *lowRank) undo(w []float64)  { l.transform(w, l.inverseA, l.inverseB) }

// transform sets v to a·v + v·U·diag(b)·Uᵀ.
func (l *lowRank) transform(v []float64, a float64, b []float64) {
	rows := kernels.Dense(len(v)/l.columns, l.columns, v)
	along := kernels.Dense(rows.Rows, len(b), make([]float64, rows.Rows*len(b)))
	kernels.GemmPacked(along, rows, l.vectors, false)
	for i := range along.Data {
		along.Data[i] *= b[i%len(b)]
	}
	floats.Scale(a, v)
	kernels.GemmPacked(rows, along, l.turned, true)
}

// orthonormalise makes the columns of q orthonormal, and says whether they were
// independent: q R⁻¹ with RᵀR = qᵀq, twice, since once leaves the rounding of the
// square of q's condition.
func orthonormalise(q *mat.Dense) bool {
	_, r := q.Dims()
	for range 2 {
		gram := mat.NewDense(r, r, nil)
		multiply(gram, dense.View(q).T(), dense.View(q))
		var chol mat.Cholesky
		if !chol.Factorize(mat.NewSymDense(r, gram.RawMatrix().Data)) {
			return false
		}
		upper := chol.RawU().(*mat.TriDense).RawTriangular()
		blas64.Trsm(blas.Right, blas.NoTrans, 1, upper, q.RawMatrix())
	}
	return true
}

func multiply(c *mat.Dense, a, b kernels.Matrix[float64]) { kernels.Gemm(dense.View(c), a, b, false) }
