// Package experiments does the jobs of a plan: it reads the data, trains or takes up the model,
// encodes every split, has the evaluations run and writes the results. What was asked for is
// in experiments/spec, what a job leaves behind in experiments/runs, what is found out about
// a model in experiments/evaluate, tasks of ready features in experiments/features.
package experiments
