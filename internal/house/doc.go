// Package house holds the tests of the repository as a whole: which package may
// import which, and who may open labels. It has no code of its own.
package house
