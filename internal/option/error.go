package option

// An Error says what is wrong with the value of one option.
type Error struct{ Option, Problem string }
