package portrait

import (
	"context"
	"slices"
	"strings"

	"digiwork/internal/gate"
	"digiwork/internal/platform/i18n"
)

// when is the time of a line: a period for what was done, a day for what was given.
func when(ctx context.Context, l *Line) string {
	if slices.Contains(gate.ActivityKinds, l.Kind) {
		return i18n.Period(ctx, l.start(), l.end())
	}
	return i18n.Date(ctx, l.start())
}

// facts is the one line under a title: who for, where, how.
func facts(ctx context.Context, l *Line) string {
	var parts []string
	if slices.Contains(gate.ActivityKinds, l.Kind) && l.Kind != "other" {
		parts = append(parts, i18n.T(ctx, "portrait.kind_"+l.Kind))
	}
	for _, t := range []string{l.Organisation, l.Place, l.WithWhom, l.Status} {
		if t != "" {
			parts = append(parts, t)
		}
	}
	if l.Paid != nil && *l.Paid {
		parts = append(parts, i18n.T(ctx, "portrait.paid"))
	} else if l.Paid != nil {
		parts = append(parts, i18n.T(ctx, "portrait.unpaid"))
	}
	if l.Hours > 0 {
		parts = append(parts, i18n.T(ctx, "portrait.hours", "n", i18n.Decimal(ctx, l.Hours, 1)))
	}
	return strings.Join(parts, ", ")
}
