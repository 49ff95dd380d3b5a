package validators

import "github.com/venn-adapt/venn/adapt"

func init() {
	adapt.Validators.Add("source-accuracy", adapt.ValidatorInfo{
		Name:     "source-accuracy",
		Doc:      "accuracy on held-out source rows; says nothing of the target but rejects what learnt nothing",
		Citation: "Musgrave et al., Three new validators and a large-scale benchmark ranking for unsupervised domain adaptation, 2022",
		Score: func(e adapt.Evidence) (float64, error) {
			p, err := heldProbabilities(e)
			if err != nil {
				return 0, err
			}
			return adapt.Accuracy(adapt.Predict(p), e.Held.Labels), nil
		},
	})
}
