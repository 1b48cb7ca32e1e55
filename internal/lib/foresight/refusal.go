package foresight

// InputError refuses an input, naming the place. Its text says what is wrong
// and how to go on.
type InputError struct {
	Key    string // message, for instance "foresight.cell.hole"
	Args   []any  // pairs that fill its holes
	Field  string // member of the document, for instance "matrix"
	Row    int    // from 1, without the heading; 0 when no row is meant
	Column int    // from 1, without the heading; 0 when no column is meant
}

// Error is the refusal in English.
func (e *InputError) Error() string { return e.In(English) }

// In is the refusal as a sentence a person reads.
func (e *InputError) In(l Language) string {
	args := append([]any{"field", e.Field, "row", e.Row, "column", e.Column}, e.Args...)
	return say(l, e.Key, args...)
}

// refuse is a refusal of a member as a whole.
func refuse(field, key string, args ...any) *InputError {
	return &InputError{Key: key, Field: field, Args: args}
}
