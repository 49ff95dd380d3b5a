package kernels

import "math"

// CrossEntropy is the mean over the rows of x (n x classes, logits) of −log softmax(x)[y],
// in nats, y the classes as whole numbers. A class out of range panics.
func CrossEntropy[F Float](x, y []F) float64 {
	classes := len(x) / len(y)
	check("logits", len(x), len(y)*classes)
	var total float64
	for i, class := range y {
		row := x[i*classes : (i+1)*classes]
		total += logSumExp(row) - float64(row[int(class)])
	}
	return total / float64(len(y))
}

// CrossEntropyGrad sets dx to scale times the gradient of CrossEntropy by x:
// (softmax(x) − onehot(y))/n.
func CrossEntropyGrad[F Float](dx, x, y []F, scale float64) {
	classes := len(x) / len(y)
	check("logit gradient", len(dx), len(x))
	share := scale / float64(len(y))
	for i, class := range y {
		row, out := x[i*classes:(i+1)*classes], dx[i*classes:(i+1)*classes]
		total := logSumExp(row)
		for k, v := range row {
			out[k] = F(share * math.Exp(float64(v)-total))
		}
		out[int(class)] -= F(share)
	}
}

// logSumExp is log Σ exp(row), the maximum subtracted.
func logSumExp[F Float](row []F) float64 {
	top := row[0]
	for _, v := range row {
		top = max(top, v)
	}
	var sum float64
	for _, v := range row {
		sum += math.Exp(float64(v) - float64(top))
	}
	return float64(top) + math.Log(sum)
}
