package analysis

import (
	"context"
	"fmt"
	"html"
	"strings"

	"digiwork/internal/lib/foresight"
	"digiwork/internal/platform/i18n"
)

// samples are what the form of a method begins with: its shape, on a small example.
var samples = map[string]string{
	"micmac": `,Horaires,Effectif,Autonomie,Fatigue
Horaires,0,1,2,3
Effectif,3,0,1,3
Autonomie,2,0,0,P
Fatigue,1,2,1,0
`,
	"mactor": `{"actors": ["Infirmières", "Direction", "Syndicat"],
 "objectives": ["Choisir ses heures", "Garder un collectif"],
 "mid": [[0, 1, 2], [3, 0, 1], [2, 3, 0]],
 "mao": [[4, 2], [-2, 1], [2, 4]]}
`,
	"cib": `{"descriptors": [{"name": "Horaires", "variants": ["choisis", "imposés"]}, {"name": "Collectif", "variants": ["fort", "faible"]}],
 "matrix": [[0, 0, 1, -1], [0, 0, -2, 2], [2, -2, 0, 0], [-1, 1, 0, 0]]}
`,
	"smic": `{"hypotheses": ["Congés illimités", "Effectif stable"],
 "p": [0.4, 0.6], "given": [[null, 0.5], [0.7, null]], "given_not": [[null, 0.3], [0.5, null]]}
`,
	"morphol": `{"parameters": [{"name": "Lieu", "values": ["hôpital", "domicile", "tiers-lieu"]}, {"name": "Statut", "values": ["salariée", "indépendante"]}],
 "excluded": [[[1, 1], [2, 2]]]}
`,
	"multipol": `{"criteria": ["Utilité", "Faisable"], "actions": ["Essai de nuit", "Lieu partagé"],
 "scores": [[15, 8], [10, 14]], "policies": {"Prudence": [1, 3], "Élan": [3, 1]}}
`,
	"exit": `{"variables": ["Horaires", "Fatigue", "Départs"], "matrix": [[0, 2, 0], [0, 0, 3], [-1, 0, 0]], "max": 3, "threshold": 0.01}
`,
}

// Sample is what the form of a method begins with.
func Sample(method string) string { return samples[method] }

// plane draws the variables of a structural analysis by their direct influence (up)
// and dependence (right), with the cross of the means; "" for another method.
func plane(ctx context.Context, r foresight.Result) string {
	m, ok := r.(*foresight.MicmacResult)
	if !ok || len(m.Variables) == 0 {
		return ""
	}
	const side, edge = 520.0, 60.0
	most := 1e-9
	for i := range m.Variables {
		most = max(most, m.Direct.Influence[i], m.Direct.Dependence[i])
	}
	x := func(v float64) float64 { return edge + v/most*(side-2*edge) }
	y := func(v float64) float64 { return side - x(v) }
	var s strings.Builder
	fmt.Fprintf(&s, `<svg viewBox="0 0 %.0f %.0f" role="img" aria-labelledby="plane-name"><title id="plane-name">%s</title>`, side, side, html.EscapeString(i18n.T(ctx, "analysis.plane")))
	fmt.Fprintf(&s, `<path class="axis" d="M%.0f %.0fV%.0fH%.0f"/>`, edge, edge, side-edge, side-edge)
	cx, cy := x(m.Planes.Direct.Dependence), y(m.Planes.Direct.Influence)
	fmt.Fprintf(&s, `<path class="dash" d="M%.1f %.0fV%.0fM%.0f %.1fH%.0f"/>`, cx, edge, side-edge, edge, cy, side-edge)
	for i, name := range m.Variables {
		px, py := x(m.Direct.Dependence[i]), y(m.Direct.Influence[i])
		anchor, dx := "start", 9.0
		if px > side/2 {
			anchor, dx = "end", -9
		}
		fmt.Fprintf(&s, `<circle class="open" cx="%.1f" cy="%.1f" r="5"/><text x="%.1f" y="%.1f" text-anchor="%s">%s</text>`, px, py, px+dx, py+5, anchor, html.EscapeString(short(name, 24)))
	}
	fmt.Fprintf(&s, `<text class="t-soft" x="%.0f" y="%.0f" text-anchor="end">%s</text>`, side-edge, side-edge+24, html.EscapeString(i18n.T(ctx, "analysis.dependence")))
	fmt.Fprintf(&s, `<text class="t-soft" x="%.0f" y="%.0f">%s</text></svg>`, edge, edge-14, html.EscapeString(i18n.T(ctx, "analysis.influence")))
	return s.String()
}

func short(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
