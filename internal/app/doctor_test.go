package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/lib/typography"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/seal"
)

func speaking(t *testing.T, lang string) context.Context {
	t.Helper()
	c, err := Messages()
	if err != nil {
		t.Fatal(err)
	}
	return i18n.With(kernel.WithActor(t.Context(), kernel.Actor{Lang: lang}), c)
}

// The office's page and a terminal each speak their reader's language, also of what
// is wrong.
func TestWhatIsIllIsSaidInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	fr, en := speaking(t, "fr"), speaking(t, "en")
	for name, c := range map[string]struct {
		err    error
		fr, en string
	}{
		"no key file":    {fmt.Errorf("/data/instance.key: %w", seal.ErrNoFile), "/data/instance.key : le fichier de clés de l'instance manque", "/data/instance.key: the instance key file is missing"},
		"a newer base":   {fmt.Errorf("/data/digiwork.db: account is at step 9, this program knows 2: %w", db.ErrNewer), "un programme plus récent", "a newer program wrote"},
		"a clock":        {errClockBehind(72 * time.Hour), "retarde de 72h0m", "is 72h0m behind"},
		"two at once":    {errors.Join(errMissing.With("path", "/a"), errReadable.With("path", "/b")), "/a manque : restaurez-le depuis la sauvegarde des clés la plus récente. /b peut être lu", "/a is missing: restore it from the newest keys backup. /b can be read"},
		"what we forgot": {os.ErrPermission, "permission denied", "permission denied"},
	} {
		for ctx, want := range map[context.Context]string{fr: c.fr, en: c.en} {
			if got := strings.ReplaceAll(typography.Plain(illness(ctx, c.err)), "’", "'"); !strings.Contains(got, want) {
				t.Errorf("%s: said %q, want %q", name, got, want)
			}
		}
	}
}

// A finding without a sentence would leave the operator alone.
func TestDoctorSaysWhatItSawInFrench(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := place{database: filepath.Join(dir, "digiwork.db"), dir: dir, key: filepath.Join(dir, "instance.key")}
	a, err := New(t.Context(), p, options{base: "http://localhost:8080", log: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(p.key, 0o644); err != nil { //nolint:gosec // what doctor is to find
		t.Fatal(err)
	}
	said := map[string]Finding{}
	for _, f := range examine(speaking(t, "fr"), p) {
		said[f.Name] = f
	}
	if f := said["key_file"]; f.OK || !strings.Contains(f.Detail, "peut être lu") {
		t.Errorf("key file: %+v", f)
	}
	if f := said["backups"]; !f.Advice || !strings.Contains(f.Detail, "Aucune sauvegarde") {
		t.Errorf("backups: %+v", f)
	}
	if f := said["clock"]; !f.OK {
		t.Errorf("clock: %+v", f)
	}
}
