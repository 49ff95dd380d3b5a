package adapt

func init() {
	Validators.Add("source-accuracy", ValidatorInfo{
		Name:     "source-accuracy",
		Doc:      "accuracy on held-out source rows; says nothing of the target but rejects what learnt nothing",
		Citation: "Musgrave et al., Three new validators and a large-scale benchmark ranking for unsupervised domain adaptation, 2022",
		Score: func(e Evidence) (float64, error) {
			p, err := e.heldProbabilities()
			if err != nil {
				return 0, err
			}
			return accuracy(Predict(p), e.Held.Labels), nil
		},
	})
}
