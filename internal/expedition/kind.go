package expedition

// A Kind says which fields and ties a card has, who may add one, and on which page it
// stands. Labels are messages: expedition.kind.NAME, expedition.field.NAME,
// expedition.tie.NAME.
type Kind struct {
	Name   string
	Page   string // code of the page it stands on
	Add    string // act needed to add one and to change one's own; any other needs Edit
	Fields []Field
	Ties   []Tie
	Said   bool // its title is the beginning of its first field: nobody is asked for one
	Own    bool // may be private to a partner's circle until released
	Shut   bool // made by the program only: not offered in forms
}

// Field is one field of a kind.
type Field struct {
	Name    string
	Input   Input
	Options []string // of a Choice, without ""
}

// Input is how a field is filled.
type Input int

// The inputs.
const (
	Line    Input = iota // one line
	Text                 // paragraphs
	List                 // one thing a line
	Day                  // a date: year, month or day
	Address              // an address of the web
	Choice               // one of Options
	Hidden               // kept and exported, filled by the program
)

// Tie is a named link from a card to others.
type Tie struct {
	Name  string
	To    []string // kinds
	Parts bool     // or items of sibling contexts
	One   bool     // at most one
	Up    bool     // the walk backwards follows it
	Fixed bool     // made by the program: in no form, and kept
}

// The pages of an expedition, in the order of its steps.
const (
	PageMap         = "map"
	PageSynthesis   = "synthesis"
	PageScenarios   = "scenarios"
	PageTerritories = "territories"
	PageTracks      = "tracks"
	PageCampaigns   = "campaigns"
	PageGame        = "game"
	PageModels      = "models"
)

// Steps are the pages that list cards, in the order of the expedition.
var Steps = []string{PageMap, PageSynthesis, PageScenarios, PageTerritories, PageTracks, PageCampaigns, PageGame, PageModels}

// Grades are what a reference may be a sign of.
var Grades = []string{"weak_signal", "trend", "break", "controversy"}

var (
	textField    = Field{Name: "text", Input: Text}
	ecologyField = Field{Name: "ecology", Input: Text}
	statusField  = Field{Name: "status", Input: Choice, Options: []string{"working", "settled"}}
	originField  = Field{Name: "origin", Input: Choice, Options: []string{"source", "ours"}}
)

// Kinds are all kinds, in the order in which pages and the cahier show them.
var Kinds = []*Kind{
	{Name: "axis", Page: PageMap, Add: Edit, Fields: []Field{textField, {Name: "alias"}}},
	{Name: "theme", Page: PageMap, Add: Edit, Fields: []Field{textField}, Ties: []Tie{{Name: "axis", To: []string{"axis"}, One: true, Up: true}}},
	{Name: "question", Page: PageMap, Add: Edit, Fields: []Field{textField},
		Ties: []Tie{{Name: "place", To: []string{"axis", "theme"}, One: true}, leans("reference", "note", "bifurcation")}},
	{Name: "snapshot", Page: PageMap, Add: Edit, Shut: true, Fields: []Field{{Name: "date", Input: Day}, {Name: "outline", Input: Hidden}}},

	{Name: "reference", Page: PageSynthesis, Add: Watch, Fields: []Field{
		{Name: "address", Input: Address}, {Name: "author"}, {Name: "publisher"}, {Name: "date", Input: Day},
		{Name: "grade", Input: Choice, Options: Grades}, textField,
	}, Ties: []Tie{{Name: "place", To: []string{"axis", "theme"}, One: true}, {Name: "also", To: []string{"axis", "theme"}}}},
	{Name: "note", Page: PageSynthesis, Add: Watch, Fields: []Field{textField, statusField}, Ties: []Tie{leans("reference")}},
	{Name: "concept", Page: PageSynthesis, Add: Edit, Fields: []Field{textField, statusField}, Ties: []Tie{leans("reference", "note")}},
	{Name: "bifurcation", Page: PageSynthesis, Add: Edit, Fields: []Field{textField, statusField},
		Ties: []Tie{{Name: "place", To: []string{"axis", "theme"}, One: true}, leans("reference", "note", "concept")}},
	{Name: "remark", Page: PageSynthesis, Add: Speak, Said: true, Shut: true, Fields: []Field{textField, {Name: "answer", Input: Text}},
		Ties: []Tie{{Name: "about", One: true, Fixed: true}}},

	{Name: "scenario", Page: PageScenarios, Add: Edit, Fields: []Field{
		{Name: "slogan"}, {Name: "trend"}, {Name: "year"}, {Name: "what_if", Input: Text}, textField,
		{Name: "gains", Input: Text}, {Name: "loses", Input: Text}, {Name: "reversible", Input: Text}, ecologyField, originField,
	}, Ties: []Tie{{Name: "place", To: []string{"axis", "theme"}, One: true}, {Name: "question", To: []string{"question"}, One: true}, leans("reference", "note", "bifurcation")}},
	{Name: "effect", Page: PageScenarios, Add: Edit, Fields: []Field{textField},
		Ties: []Tie{{Name: "of", To: []string{"scenario", "effect"}, One: true, Up: true}}},
	{Name: "impact", Page: PageScenarios, Add: Edit, Said: true, Fields: []Field{{Name: "gains", Input: Text}, {Name: "loses", Input: Text}, {Name: "fears", Input: Text}, {Name: "lever", Input: Text}},
		Ties: []Tie{{Name: "of", To: []string{"scenario"}, One: true, Up: true}, {Name: "actor", To: []string{"actor"}, One: true}}},
	{Name: "actor", Page: PageScenarios, Add: Edit, Fields: []Field{textField, originField}},
	{Name: "result", Page: PageScenarios, Add: Edit, Shut: true, Fields: []Field{
		{Name: "method", Input: Hidden}, {Name: "ballots", Input: Hidden}, {Name: "counts", Input: Hidden}, {Name: "seed", Input: Hidden},
		{Name: "date", Input: Day}, {Name: "reveals", Input: Text},
	}, Ties: []Tie{{Name: "ranking", To: []string{"scenario"}, Fixed: true}, {Name: "kept", To: []string{"scenario"}}, {Name: "rejected", To: []string{"scenario"}}}},

	{Name: "tension", Page: PageTerritories, Add: Edit, Fields: []Field{{Name: "one_side"}, {Name: "other_side"}, textField, statusField},
		Ties: []Tie{{Name: "seen", To: []string{"scenario", "effect", "impact", "bifurcation"}, Parts: true, Up: true}, leans("reference", "note"), {Name: "actors", To: []string{"actor"}}}},
	{Name: "territory", Page: PageTerritories, Add: Edit, Fields: []Field{{Name: "question", Input: Text}, textField, {Name: "alias"}, ecologyField},
		Ties: []Tie{{Name: "axis", To: []string{"axis"}, One: true}, {Name: "tensions", To: []string{"tension"}, Up: true}, {Name: "actors", To: []string{"actor"}}}},

	{Name: "seminar", Page: PageTracks, Add: Edit, Own: true, Fields: []Field{{Name: "partner"}, {Name: "date", Input: Day}, {Name: "place"}, {Name: "kit", Input: Text}, {Name: "kept", Input: Text}},
		Ties: []Tie{{Name: "territories", To: []string{"territory"}}}},
	{Name: "reaction", Page: PageTracks, Add: Speak, Own: true, Said: true, Fields: []Field{textField},
		Ties: []Tie{{Name: "seminar", To: []string{"seminar"}, One: true}, {Name: "on", To: []string{"territory", "tension", "track"}}}},
	{Name: "idea", Page: PageTracks, Add: Speak, Own: true, Fields: []Field{textField},
		Ties: []Tie{{Name: "seminar", To: []string{"seminar"}, One: true}, {Name: "territory", To: []string{"territory"}, One: true, Up: true}}},
	{Name: "track", Page: PageTracks, Add: Edit, Fields: []Field{
		{Name: "problem", Input: Text}, {Name: "beneficiaries", Input: Text}, {Name: "concept", Input: Text}, {Name: "enlist", Input: List},
		{Name: "start", Input: Text}, {Name: "steps", Input: List}, {Name: "resources", Input: List}, {Name: "risks", Input: List},
		{Name: "indicators", Input: List}, {Name: "stop", Input: Text}, ecologyField, {Name: "pilot"}, originField,
	}, Ties: []Tie{{Name: "territory", To: []string{"territory"}, One: true, Up: true}, {Name: "ideas", To: []string{"idea"}, Up: true}, {Name: "actors", To: []string{"actor"}}}},
	{Name: "choice", Page: PageTracks, Add: Edit, Shut: true, Fields: []Field{{Name: "criteria", Input: Hidden}, {Name: "policies", Input: Hidden}, {Name: "scores", Input: Hidden}, {Name: "text", Input: Text}},
		Ties: []Tie{{Name: "among", To: []string{"track"}}, {Name: "kept", To: []string{"track"}}}},

	{Name: "campaign", Page: PageCampaigns, Add: Edit, Fields: []Field{textField, {Name: "date", Input: Day}, ecologyField},
		Ties: []Tie{{Name: "track", To: []string{"track"}, One: true, Up: true}}},
	{Name: "terrain", Page: PageCampaigns, Add: Edit, Fields: []Field{{Name: "place"}, {Name: "host"}, textField},
		Ties: []Tie{{Name: "campaign", To: []string{"campaign"}, One: true, Up: true}}},
	{Name: "protocol", Page: PageCampaigns, Add: Edit, Fields: []Field{{Name: "observes", Input: Text}, {Name: "rules", Input: List}, {Name: "consent", Input: Text}, {Name: "retention", Input: Text}},
		Ties: []Tie{{Name: "campaign", To: []string{"campaign"}, One: true, Up: true}}},
	{Name: "observation", Page: PageCampaigns, Add: Watch, Fields: []Field{{Name: "date", Input: Day}, textField, {Name: "prescribed", Input: Text}},
		Ties: []Tie{{Name: "terrain", To: []string{"terrain"}, One: true, Up: true}}},
	{Name: "reflection", Page: PageCampaigns, Add: Edit, Fields: []Field{textField}, Ties: []Tie{{Name: "observations", To: []string{"observation"}, Up: true}}},
	{Name: "trial", Page: PageCampaigns, Add: Edit, Fields: []Field{
		{Name: "hypothesis", Input: Text}, {Name: "indicators", Input: List}, {Name: "chosen_by", Input: Text}, {Name: "consent", Input: Text},
		{Name: "place"}, {Name: "plan", Input: List}, {Name: "begin", Input: Day}, {Name: "sunset", Input: Day}, {Name: "stop", Input: Text}, ecologyField,
		{Name: "registered", Input: Hidden}, {Name: "result", Input: Text}, {Name: "decision", Input: Choice, Options: []string{"keep", "change", "stop"}},
	}, Ties: []Tie{{Name: "track", To: []string{"track"}, One: true, Up: true}, {Name: "terrain", To: []string{"terrain"}, One: true, Up: true},
		{Name: "reflections", To: []string{"reflection"}, Up: true}, {Name: "before", To: []string{"trial"}, One: true}}},

	{Name: "player", Page: PageGame, Add: Edit, Fields: []Field{textField}},
	{Name: "future", Page: PageGame, Add: Edit, Fields: []Field{{Name: "year"}, textField, {Name: "desirable", Input: Choice, Options: []string{"yes", "no"}}, ecologyField}},
	{Name: "moment", Page: PageGame, Add: Edit, Fields: []Field{{Name: "date", Input: Day}, textField},
		Ties: []Tie{{Name: "future", To: []string{"future"}, One: true, Up: true}, {Name: "track", To: []string{"track"}, One: true}}},
	{Name: "role", Page: PageGame, Add: Edit, Said: true, Fields: []Field{{Name: "acts", Input: Text}},
		Ties: []Tie{{Name: "player", To: []string{"player"}, One: true}, {Name: "future", To: []string{"future"}, One: true, Up: true}}},

	{Name: "model", Page: PageModels, Add: Edit, Fields: []Field{textField, originField}, Ties: []Tie{{Name: "territories", To: []string{"territory"}}, leans("reference")}},
	{Name: "critique", Page: PageModels, Add: Edit, Fields: []Field{{Name: "by"}, textField, originField}, Ties: []Tie{{Name: "of", To: []string{"model", "scenario", "track"}, One: true, Up: true}}},
	{Name: "event", Page: PageModels, Add: Edit, Fields: []Field{{Name: "date", Input: Day}, {Name: "place"}, textField}, Ties: []Tie{leans("reference")}},
	{Name: "partner", Page: PageModels, Add: Edit, Fields: []Field{textField}},
	{Name: "word", Page: PageModels, Add: Edit, Fields: []Field{textField}},
}

// leans is the tie to what a card rests on, in the end an address.
func leans(kinds ...string) Tie { return Tie{Name: "leans", To: kinds, Parts: true, Up: true} }

var kindByName = func() map[string]*Kind {
	m := map[string]*Kind{}
	for _, k := range Kinds {
		m[k.Name] = k
	}
	return m
}()

// KindOf is a kind by its name, nil if there is none.
func KindOf(name string) *Kind { return kindByName[name] }

// KindsOn are the kinds of a page.
func KindsOn(page string) []*Kind {
	var all []*Kind
	for _, k := range Kinds {
		if k.Page == page {
			all = append(all, k)
		}
	}
	return all
}

func (k *Kind) field(name string) *Field {
	for i := range k.Fields {
		if k.Fields[i].Name == name {
			return &k.Fields[i]
		}
	}
	return nil
}

func (k *Kind) tie(name string) *Tie {
	for i := range k.Ties {
		if k.Ties[i].Name == name {
			return &k.Ties[i]
		}
	}
	return nil
}

// takes reports whether a tie may lead to a card of a kind. A tie to no kind in
// particular takes every kind.
func (t *Tie) takes(kind string) bool {
	if len(t.To) == 0 {
		return true
	}
	for _, k := range t.To {
		if k == kind {
			return true
		}
	}
	return false
}
