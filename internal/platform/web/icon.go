package web

import (
	"context"
	"fmt"
	"io"
	"regexp"
	"sync"

	"digiwork/internal/platform/asset"

	"github.com/a-h/templ"
)

var symbol = regexp.MustCompile(`<symbol id="([a-z0-9-]+)"`)

// icons holds the markup of every drawing of the sprite, in its two sizes.
var icons = sync.OnceValue(func() map[bool]map[string]string {
	raw, _ := asset.Bytes("icons.svg")
	all := map[bool]map[string]string{false: {}, true: {}}
	for _, m := range symbol.FindAllSubmatch(raw, -1) {
		for large, class := range map[bool]string{false: "icon", true: "icon icon-l"} {
			all[large][string(m[1])] = fmt.Sprintf(`<svg class="%s" width="20" height="20" fill="none" stroke="currentColor" aria-hidden="true" focusable="false"><use href="%s#%s"></use></svg>`,
				class, asset.URL("icons.svg"), m[1])
		}
	}
	return all
})

// Icon draws a symbol of icons.svg, always beside a word: it is not read aloud. A
// name that is not in the sprite panics; every page is rendered in a test.
func Icon(name string) templ.Component { return icon(name, false) }

// IconLarge is Icon at the size of a title.
func IconLarge(name string) templ.Component { return icon(name, true) }

func icon(name string, large bool) templ.Component {
	drawn, ok := icons()[large][name]
	if !ok {
		panic(fmt.Sprintf("icon %q is not in icons.svg", name))
	}
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		return write(w, drawn)
	})
}
