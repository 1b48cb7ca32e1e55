package french

// Token is a word of a text that carries meaning.
type Token struct {
	Term       string // folded stem: what to index and compare
	Start, End int    // bytes of the word in the text, inclusive endings with it
}

// Analyse gives the words of text in order, without stop words. lang is "fr"
// or "en"; any other is taken as French.
func Analyse(text, lang string) []Token {
	a := Analyser{Lang: lang}
	return a.Append(make([]Token, 0, len(text)/8+1), text)
}

// Analyser is for many texts in a row: it remembers the stem of each word it
// has met. The zero value analyses French. Not for two goroutines at once.
type Analyser struct {
	Lang    string
	stemmer stemmer
	terms   map[string]string // folded → term, "" for a stop word
	room    [wordRoom]byte
}

// rememberedWords bounds the memory of an Analyser (a few MiB).
const rememberedWords = 1 << 17

// Append appends the tokens of text to dst.
func (a *Analyser) Append(dst []Token, text string) []Token {
	w := split(text, a.room[:])
	for w.next() {
		if term := a.term(w.buf); term != "" {
			dst = append(dst, Token{Term: term, Start: w.start, End: w.end})
		}
	}
	return dst
}

// Terms appends the terms of text to dst.
func (a *Analyser) Terms(dst []string, text string) []string {
	w := split(text, a.room[:])
	for w.next() {
		if term := a.term(w.buf); term != "" {
			dst = append(dst, term)
		}
	}
	return dst
}

func (a *Analyser) term(folded []byte) string {
	if t, ok := a.terms[string(folded)]; ok {
		return t
	}
	word, lang := string(folded), language(a.Lang)
	term := ""
	if !stopWords[lang][word] {
		term = a.stemmer.stem(word, lang)
	}
	if a.terms == nil || len(a.terms) >= rememberedWords {
		a.terms = map[string]string{}
	}
	a.terms[word] = term
	return term
}

// Guess is the language a text seems to be in, by its stop words: "fr" unless
// English words are the more frequent.
func Guess(text string) string {
	fr, en := 0, 0
	var room [wordRoom]byte
	w := split(text, room[:])
	for w.next() {
		if stopBytes(w.buf, stopWords[French]) {
			fr++
		}
		if stopBytes(w.buf, stopWords[English]) {
			en++
		}
	}
	if en > fr {
		return English
	}
	return French
}
