// Package tables holds the tables of a report, one file a kind: each registers itself in
// reports.Tables and folds records of runs into rows of cells.
package tables
