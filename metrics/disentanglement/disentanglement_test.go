package disentanglement

import (
	"math"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/stat"

	"github.com/venn-adapt/venn/internal/reference"
	"github.com/venn-adapt/venn/internal/stream"
	"github.com/venn-adapt/venn/metrics"
)

var none = metrics.Settings{}

func TestReferenceScores(t *testing.T) {
	b := reference.Metrics(t)
	codes, table := b.Matrix("C"), b.Matrix("F")
	f, _, _, err := begin("test", codes, table, 2, none)
	if err != nil {
		t.Fatal(err)
	}
	mig := reference.Must[metrics.Result](t)(MIG(codes, table, none))
	b.Check("mig", "mig", mig.Value)
	values := func(parts []metrics.Part) (out []float64) {
		for _, p := range parts {
			out = append(out, p.Value)
		}
		return out
	}
	b.Check("mig", "per_factor", values(mig.Parts)...)
	pairs := information(codes, f)
	var flat, perCode []float64
	matrix := mat.NewDense(5, 3, nil)
	for i, row := range pairs {
		var plain []float64
		for j, p := range row {
			plain = append(plain, p.Information)
			matrix.Set(i, j, p.Information)
		}
		flat = append(flat, plain...)
		perCode = append(perCode, modular(plain))
	}
	b.Check("mig", "mi_matrix", flat...)
	b.Check("mig", "factor_entropy", pairs[0][0].EntropyY, pairs[0][1].EntropyY, pairs[0][2].EntropyY)
	b.Check("modularity", "modularity", reference.Must[metrics.Result](t)(Modularity(codes, table, none)).Value)
	b.Check("modularity", "per_code", perCode...)
	imp := NewImportance(matrix)
	b.Check("dci.matrix", "disentanglement", imp.Disentanglement)
	b.Check("dci.matrix", "completeness", imp.Completeness)
	b.Check("dci.matrix", "per_code", imp.PerCode...)
	b.Check("dci.matrix", "per_factor", imp.PerFactor...)
	eye, ones := mat.NewDense(3, 3, []float64{1, 0, 0, 0, 1, 0, 0, 0, 1}), mat.NewDense(3, 3, []float64{1, 1, 1, 1, 1, 1, 1, 1, 1})
	b.Check("dci.identity", "identity", NewImportance(eye).Disentanglement, NewImportance(eye).Completeness)
	b.Check("dci.identity", "ones", NewImportance(ones).Disentanglement, NewImportance(ones).Completeness)
	b.Check("sap.continuous", "sap", reference.Must[metrics.Result](t)(SAPContinuous(codes, table, none)).Value)
	b.Check("irs", "irs", reference.Must[metrics.Result](t)(IRS(codes, table, none)).Value)
	spread := reference.Must[Spread](t)(SpreadOf(codes))
	b.Check("gauss.tc", "tc", spread.TotalCorrelation)
	b.Check("gauss.tc", "wasserstein", spread.Wasserstein)
	b.Check("gauss.tc", "wasserstein_norm", spread.WassersteinShare)
}

func TestReferenceLasso(t *testing.T) {
	b := reference.Metrics(t)
	codes, table := b.Matrix("C"), b.Matrix("F")
	f, _, _, err := begin("test", codes, table, 2, none)
	if err != nil {
		t.Fatal(err)
	}
	z := mat.DenseCopyOf(codes)
	for j := range 5 {
		c := mat.Col(nil, j, z)
		m, v := stat.PopMeanVariance(c, nil)
		for i := range c {
			z.Set(i, j, (c[i]-m)/math.Sqrt(v))
		}
	}
	matrix := mat.NewDense(5, 3, nil)
	var rmse []float64
	for j := range 3 {
		y := standardised(f.levels[j])
		w, converged := lasso(z, y, 0.02, nil)
		if !converged {
			t.Fatal("did not converge")
		}
		matrix.SetCol(j, w)
		var p mat.VecDense
		p.MulVec(z, mat.NewVecDense(5, w))
		var square float64
		for i, v := range y {
			square += (v - p.AtVec(i)) * (v - p.AtVec(i)) / 60
		}
		rmse = append(rmse, math.Sqrt(square))
	}
	b.Check("dci.lasso", "coef", matrix.RawMatrix().Data...)
	b.Check("dci.lasso", "rmse", rmse...)
	imp := NewImportance(matrix)
	b.Check("dci.lasso", "disentanglement", imp.Disentanglement)
	b.Check("dci.lasso", "completeness", imp.Completeness)
}

func TestReferenceSAP(t *testing.T) {
	b := reference.Metrics(t)
	codes, table := b.Matrix("C"), b.Matrix("F")
	f, _, _, err := begin("test", codes, table, 2, none)
	if err != nil {
		t.Fatal(err)
	}
	var train, test []int
	for i := range 60 {
		if i < 40 {
			train = append(train, i)
		} else {
			test = append(test, i)
		}
	}
	var flat []float64
	gaps := make([]float64, 3)
	by := make([][]float64, 3)
	for i := range 5 {
		for j := range 3 {
			c, err := oneColumn(mat.Col(nil, i, codes), f.levels[j], f.counts[j], train, test)
			if err != nil {
				t.Fatal(err)
			}
			flat = append(flat, c.Accuracy().Value)
			by[j] = append(by[j], c.Accuracy().Value)
		}
	}
	for j := range gaps {
		gaps[j] = gap(by[j])
	}
	b.Check("sap.discrete", "accuracy", flat...)
	b.Check("sap.discrete", "sap", mean(gaps))
	var machines []float64
	for _, m := range squaredHinge(mat.Col(nil, 0, codes)[:40], f.levels[0][:40], 4) {
		machines = append(machines, m[0], m[1])
	}
	b.Check("sap.discrete", "svm00", machines...)
}

func TestReferenceVotes(t *testing.T) {
	b := reference.Metrics(t)
	codes := b.Matrix("C")
	rows := []int{2, 3, 8, 12, 13, 16, 17, 18}
	all, local := columnVariances(codes, nil), columnVariances(codes, rows)
	ratio := make([]float64, 5)
	for i := range ratio {
		ratio[i] = local[i] / all[i]
	}
	b.Check("factorvae.vote", "ratio", ratio...)
	b.Check("factorvae.vote", "vote", float64(vote(codes, rows, all, []int{0, 1, 2, 3, 4})))
	trained, score := votingScore([][]int{{31, 2, 0, 4, 0}, {5, 3, 28, 1, 0}, {0, 25, 6, 2, 0}}, [][]int{{15, 2, 1, 2, 0}, {3, 1, 14, 0, 1}, {1, 13, 2, 2, 1}})
	b.Check("factorvae.votes", "train_accuracy", trained)
	b.Check("factorvae.votes", "eval_accuracy", score)
	var first, second []int
	for i := range 30 {
		first, second = append(first, i), append(second, i+30)
	}
	b.Check("betavae.feature", "", meanDifference(codes, first, second)...)
}

func TestReferenceBlocks(t *testing.T) {
	b := reference.Metrics(t)
	// The leakage matrix from given accuracies: chance correction and summary.
	classes, chance := []int{4, 3, 2}, []float64{0.25, 1.0 / 3, 0.5}
	var cells []Cell
	var flat []float64
	by := make([][]float64, 3)
	for i, row := range [][]float64{{0.95, 0.5, 0.55}, {0.6, 0.88, 0.52}, {0.27, 0.4, 0.97}} {
		for j, a := range row {
			c := Cell{Score: (a - chance[j]) / (1 - chance[j]), Wish: Empty, Classes: classes[j]}
			if i == j {
				c.Wish = Keep
			}
			cells, flat, by[j] = append(cells, c), append(flat, c.Score), append(by[j], c.Score)
		}
	}
	b.Check("leakage", "matrix", flat...)
	s := Summarise(append(cells, Cell{Absent: true, Wish: Empty, Score: 9}))
	b.Check("leakage", "leakage", s.Leakage)
	b.Check("leakage", "retention", s.Retention)
	b.Check("leakage", "gap", gap(by[0]), gap(by[1]), gap(by[2]))
	if s.EmptyCells != 6 || s.KeepCells != 3 || !(math.Abs(s.Balance-(s.Retention-s.Leakage)) <= 1e-15) {
		t.Errorf("%+v", s)
	}
}

// grid draws factors of 4, 3 and 2 levels, independent, and codes made of them.
func grid(n int, code func(levels [3]float64, noise func() float64) []float64) (codes, table *mat.Dense) {
	r := stream.New(7, "grid")
	table = mat.NewDense(n, 3, nil)
	for i := range n {
		l := [3]float64{float64(r.IntN(4)), float64(r.IntN(3)), float64(r.IntN(2))}
		table.SetRow(i, l[:])
		row := code(l, r.NormFloat64)
		if codes == nil {
			codes = mat.NewDense(n, len(row), nil)
		}
		codes.SetRow(i, row)
	}
	return codes, table
}

// Every score calls a perfect code good, a code of noise bad, and a constant one degenerate.
func TestPerfectNoiseConstant(t *testing.T) {
	perfect, table := grid(600, func(l [3]float64, noise func() float64) []float64 {
		return []float64{l[0] + 0.01*noise(), l[1] + 0.01*noise(), l[2] + 0.01*noise()}
	})
	noise, _ := grid(600, func(_ [3]float64, noise func() float64) []float64 { return []float64{noise(), noise(), noise()} })
	constant := mat.NewDense(600, 3, nil)
	least := map[string]float64{"mig": 0.95, "modularity": 0.95, "sap": 0.3, "sap-continuous": 0.9, "dci": 0.9, "dci-trees": 0.85, "factorvae": 0.95, "betavae": 0.99, "explicitness": 0.6, "irs": 0.9, "leakage": 0.95, "ari": 0.15, "nmi": 0.2, "silhouette": 0.15}
	most := map[string]float64{"mig": 0.05, "modularity": 1, "sap": 0.2, "sap-continuous": 0.05, "dci": 1, "dci-trees": 1, "factorvae": 0.55, "betavae": 0.6, "explicitness": 0.2, "irs": 0.4, "leakage": 0.2, "ari": 0.05, "nmi": 0.05, "silhouette": 0.05}
	for _, m := range metrics.Measures.All() {
		if m.Kind != metrics.Disentanglement {
			continue
		}
		if v := reference.Must[metrics.Result](t)(m.Compute(perfect, table, none)).Value; v < least[m.Name] {
			t.Errorf("%s of a perfect code: %v, want at least %v", m.Name, v, least[m.Name])
		}
		r := reference.Must[metrics.Result](t)(m.Compute(noise, table, none))
		if r.Value > most[m.Name] || r.Value < m.Range[0] || r.Value > m.Range[1] {
			t.Errorf("%s of noise: %v, want at most %v", m.Name, r.Value, most[m.Name])
		}
		if c := reference.Must[metrics.Result](t)(m.Compute(constant, table, none)); !c.Degenerate || c.Value != 0 || c.P != nil {
			t.Errorf("%s of a constant code: %+v", m.Name, c)
		}
	}
	// Duplicated columns leave no gap, by design.
	twice := mat.NewDense(600, 6, nil)
	for j := range 6 {
		twice.SetCol(j, mat.Col(nil, j%3, perfect))
	}
	if v := reference.Must[metrics.Result](t)(MIG(twice, table, none)).Value; v > 1e-12 {
		t.Errorf("MIG of duplicated columns: %v", v)
	}
}

func TestFactorFaults(t *testing.T) {
	codes, table := grid(100, func(l [3]float64, noise func() float64) []float64 { return []float64{l[0] + noise(), noise()} })
	flat := mat.DenseCopyOf(table)
	half := mat.DenseCopyOf(table)
	for i := range 100 {
		flat.Set(i, 1, 2)
	}
	half.Set(4, 2, 0.5)
	dependent := mat.DenseCopyOf(table)
	dependent.SetCol(1, mat.Col(nil, 0, table))
	bad := mat.DenseCopyOf(codes)
	bad.Set(3, 1, math.NaN())
	for _, m := range metrics.Measures.All() {
		if m.Kind != metrics.Disentanglement || m.Name == "sap-continuous" {
			continue
		}
		r := reference.Must[metrics.Result](t)(m.Compute(codes, flat, none))
		if !strings.Contains(strings.Join(r.Warnings, ";"), "1 factors left out: one level") {
			t.Errorf("%s: warnings %v of a factor of one level", m.Name, r.Warnings)
		}
		if r := reference.Must[metrics.Result](t)(m.Compute(codes, dependent, none)); !strings.Contains(strings.Join(r.Warnings, ";"), "depend on each other") {
			t.Errorf("%s: warnings %v of equal factors", m.Name, r.Warnings)
		}
		if _, err := m.Compute(codes, half, none); err == nil || !strings.Contains(err.Error(), "factor 2: row 4 is 0.5") {
			t.Errorf("%s: error %v of a factor that is no level", m.Name, err)
		}
		if _, err := m.Compute(bad, table, none); err == nil || !strings.Contains(err.Error(), m.Name+": x: row 3, column 1") {
			t.Errorf("%s: error %v of NaN", m.Name, err)
		}
	}
}

// A common code that keeps identity and leaks glasses, a separate code that holds glasses, and one that collapsed.
func TestLeakage(t *testing.T) {
	r := stream.New(3, "leakage")
	const n = 300
	identity, glasses, pose := make([]int, n), make([]int, n), make([]float64, n)
	common, separate, collapsed := mat.NewDense(n, 3, nil), mat.NewDense(n, 2, nil), mat.NewDense(n, 2, nil)
	for i := range n {
		identity[i], glasses[i], pose[i] = r.IntN(4), r.IntN(2), r.NormFloat64()
		// Glasses as a ring in two columns: only neighbours see them.
		angle, radius := 2*math.Pi*r.Float64(), 1+2*float64(glasses[i])
		common.SetRow(i, []float64{4*float64(identity[i]) + 0.3*r.NormFloat64(), radius * math.Cos(angle), radius * math.Sin(angle)})
		separate.SetRow(i, []float64{float64(glasses[i]) + 0.2*r.NormFloat64(), pose[i] + 0.1*r.NormFloat64()})
	}
	factors := []Factor{{Name: "identity", Levels: identity}, {Name: "glasses", Levels: glasses}, {Name: "pose", Values: pose}, {Name: "smile", Levels: make([]int, n)}}
	entry := func(block string, codes *mat.Dense, wishes ...Wish) Entry {
		return Entry{Block: block, On: "a", Codes: codes, Factors: factors, Wishes: wishes}
	}
	cells := reference.Must[[]Cell](t)(Leakage([]Entry{
		entry("common", common, Keep, Empty, Open, Open),
		entry("separate", separate, Empty, Keep, Keep, Open),
		entry("other", collapsed, Empty, Empty, Empty, Open),
	}, none, nil))
	at := map[string]Cell{}
	for _, c := range cells {
		at[c.Block+"/"+c.Factor] = c
		if !c.Absent && (c.Low > c.Score || c.High < c.Score) {
			t.Errorf("%s/%s: %v outside %v..%v", c.Block, c.Factor, c.Score, c.Low, c.High)
		}
	}
	if c := at["common/identity"]; c.Score < 0.9 || c.Holm > 0.05+0.02 {
		t.Errorf("identity in the common code: %+v", c)
	}
	if c := at["common/glasses"]; c.Linear > 0.3 || c.Nearest < 0.8 || c.Network < 0.7 || c.Score != max(c.Nearest, c.Network) {
		t.Errorf("glasses as a ring: %+v", c)
	}
	if c := at["separate/pose"]; c.Score < 0.9 || c.Classes != 0 {
		t.Errorf("pose in the separate code: %+v", c)
	}
	if c := at["separate/identity"]; c.P < 0.01 || c.Score > 0.15 {
		t.Errorf("identity in the separate code: %+v", c)
	}
	if c := at["other/glasses"]; c.Score != 0 || c.P != 1 || !strings.Contains(c.Note, "collapsed") {
		t.Errorf("a collapsed code: %+v", c)
	}
	if c := at["common/smile"]; !c.Absent {
		t.Errorf("a factor that does not vary: %+v", c)
	}
	if _, err := Leakage([]Entry{{Block: "x", On: "a", Codes: mat.NewDense(50, 1, nil), Factors: factors[:1], Wishes: []Wish{Keep}}}, none, nil); err == nil {
		t.Error("levels of another length: no error")
	}
}
