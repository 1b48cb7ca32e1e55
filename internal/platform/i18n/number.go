package i18n

import (
	"context"
	"strconv"
	"strings"

	"digiwork/internal/lib/typography"
)

// Number tells a whole number, grouped by thousands: "1 214", "1,214".
func Number(ctx context.Context, n int64) string { return number(from(ctx), n) }

func number(v *voice, n int64) string {
	s := strconv.FormatInt(n, 10)
	sign := ""
	if n < 0 {
		sign, s = "−", s[1:]
	}
	mark := pick(v, typography.Space, ",")
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + mark + s[i:]
	}
	return sign + s
}

// Decimal tells a number with at most so many digits after the mark, without
// trailing zeros: "3,5", "3.5".
func Decimal(ctx context.Context, x float64, digits int) string {
	v := from(ctx)
	s := strconv.FormatFloat(x, 'f', digits, 64)
	whole, part, _ := strings.Cut(s, ".")
	part = strings.TrimRight(part, "0")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil {
		return s // not finite, or beyond what is counted in words
	}
	out := number(v, n)
	if x < 0 && n == 0 && part != "" {
		out = "−" + out
	}
	if part == "" {
		return out
	}
	return out + pick(v, ",", ".") + part
}

// Size tells a number of bytes, in steps of 1024: "212 Ko", "1,4 Mo"; "212 KB", "1.4 MB".
func Size(ctx context.Context, bytes int64) string {
	v := from(ctx)
	units := [2][4]string{{"o", "Ko", "Mo", "Go"}, {"B", "KB", "MB", "GB"}}[btoi(!v.french)]
	x, i := float64(bytes), 0
	for x >= 1024 && i < len(units)-1 {
		x, i = x/1024, i+1
	}
	digits := 0
	if i >= 2 && x < 100 {
		digits = 1
	}
	return Decimal(ctx, x, digits) + typography.Space + units[i]
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
