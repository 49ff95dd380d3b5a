// Package index answers which of many runs are of a kind: it keeps what is asked of runs
// most often in a table of SQLite, so that a thousand of them are listed, filtered and
// sorted without opening a file of each. The run directories stay the truth: whatever
// changed in them since is read anew before an answer, and an index that is missing,
// damaged or of another version is made anew.
package index
