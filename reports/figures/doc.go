// Package figures holds the figures of a report, one file a kind: each registers itself in
// reports.Figures and draws records of runs; what they share of style is in panel.go.
package figures
