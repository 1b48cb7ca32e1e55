package musette

import (
	"html"
	"strings"
	"testing"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/typography"
	"digiwork/internal/platform/i18n"

	"pgregory.net/rapid"
)

func TestTheListShowsWhatWasTypedAndObeysNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.OneOf(rapid.String(), rapid.StringMatching(`[&<>"'a;#]{0,30}`)).Draw(t, "s")
		got := string(escape(nil, s))
		if strings.ContainsAny(got, `<>"'`) {
			t.Fatalf("%q leaves markup", got)
		}
		if html.UnescapeString(got) != s {
			t.Fatalf("%q reads %q", s, html.UnescapeString(got))
		}
	})
	var b strings.Builder
	ctx := i18n.With(kernel.WithActor(t.Context(), kernel.Actor{Lang: "fr"}), catalogOf(t))
	say := newSpeech(ctx, PackByID(""))
	paid := Activity{ID: `act_"`, Content: Content{Title: "</a><script>", Kind: Job, Start: "2003", End: "2004", Organisation: `"o"`, Place: "<p>", HoursPerWeek: 3, Paid: new(true)}}
	if err := chronicle(say.rows([]*Activity{&paid}, map[kernel.ItemID]int{paid.ID: 2})).Render(ctx, &b); err != nil {
		t.Fatal(err)
	}
	mark := string(say.mark(paid.Provenance))
	want := `<ol class="chronicle"><li id="i1"><p class="when">2003 à 2004</p><div><h3><a href="/musette/items/act_&#34;">&lt;/a&gt;&lt;script&gt;</a></h3>` +
		`<p class="soft">Emploi, &#34;o&#34;, &lt;p&gt;, 3 h par semaine</p><div class="row">` + mark + ` <span class="tag">payé</span> <span class="tag">2 pièces</span></div></div></li></ol>`
	if got := typography.Plain(b.String()); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
