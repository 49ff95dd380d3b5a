// Package spec answers what is to be done: it reads the text of a study, checks it whole
// against every name and bound, and expands it to a plan of jobs, each with an identity. It
// leaves open how a job is run and what is found out.
package spec
