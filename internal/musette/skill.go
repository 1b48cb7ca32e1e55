package musette

// A skill is something she knows how to do, in her own words, or a language. The
// recognition room links it to referentials and proofs.
var skill = &Shape{
	Name: "skill", Prefix: "skl", Icon: "reveler",
	OneKey: "musette.skill.one_of", ManyKey: "musette.skill.many", LedeKey: "musette.skill.lede", AddKey: "musette.skill.add", VoidKey: "musette.skill.void", VoidTextKey: "musette.skill.void.text",
	Fields: []Field{
		{Name: "title", Key: "musette.skill.title", HelpKey: "musette.skill.title.help", Required: true},
		{Name: "level", Key: "musette.skill.level", HelpKey: "musette.skill.level.help"},
		{Name: "narrative", Key: "musette.skill.narrative", HelpKey: "musette.skill.narrative.help", Input: Lines},
		{Name: "type", Key: "musette.skill.type"},
	},
}
