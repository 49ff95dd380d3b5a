package spec

import (
	"github.com/venn-adapt/venn/internal/option"
)

// judgeOptions size the judges of translations.
var judgeOptions = []option.Option{
	{Name: "judge.steps", Kind: option.Int, Default: 2500, Min: 0, Max: 1e7},
	{Name: "judge.batch", Kind: option.Int, Default: 64, Min: 1, Max: 4096},
	{Name: "judge.learning_rate", Kind: option.Float, Default: 2e-3, Min: 1e-9, Max: 10},
	{Name: "judge.a", Kind: option.String, Default: ""},
	{Name: "judge.b", Kind: option.String, Default: ""},
}

func judgeSpec(v option.Values) JudgeSpec {
	return JudgeSpec{v.Int("translate.judge.steps"), v.Int("translate.judge.batch"), v.Float("translate.judge.learning_rate"),
		[2]string{v.String("translate.judge.a"), v.String("translate.judge.b")}}
}
