package secret_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"digiwork/internal/platform/secret"
)

func TestASecretIsNeverPrinted(t *testing.T) {
	s := secret.New("hunter2")
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "secret", s, "inside", struct{ S secret.Text }{s})
	j, err := json.Marshal(map[string]any{"s": s})
	if err != nil {
		t.Fatal(err)
	}
	for _, said := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s, s), b.String(), string(j)} {
		if strings.Contains(said, "hunter2") {
			t.Errorf("told: %s", said)
		}
	}
	if s.Reveal() != "hunter2" {
		t.Error("the value is lost")
	}
}

func TestOnlyTheTokenMatchesItsDigest(t *testing.T) {
	a, da := secret.NewToken()
	b, _ := secret.NewToken()
	if !secret.Same(a.Reveal(), da) {
		t.Error("a token does not match its own digest")
	}
	if secret.Same(b.Reveal(), da) || secret.Same("", da) || secret.Same(a.Reveal(), nil) {
		t.Error("something else matches")
	}
}
