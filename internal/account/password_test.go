package account

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestGuessedPasswordsAreRefused(t *testing.T) {
	t.Parallel()
	ada := Profile{Handle: "ada.lovelace", Name: "Ada Lovelace", Mail: "comtesse@exemple.fr"}
	for password, want := range map[string]string{
		"": "short", "sept si": "short", strings.Repeat("a1b2c3", 50): "long",
		"motdepasse": "common", "Motdepasse2026!": "common", "azertyuiop": "common", "12345678": "common", "9876543210": "common",
		"abcdefghij": "common", "aaaaaaaaaaaa": "common", "abababababab": "common", "1234567890": "common",
		"AdaLovelace1": "own", "ada-lovelace": "own", "Comtesse99": "own",
	} {
		if err := checkPassword(password, ada); err == nil || !strings.HasSuffix(strings.Fields(err.Error())[1], "."+want) {
			t.Errorf("%q: %v, want %s", password, err, want)
		}
	}
	for _, password := range []string{goodPassword, "correct horse battery staple", "xK9#mQ2v", "été-2019-à-Brest", "密码很长很难猜吧", "Ada aime les nombres"} {
		if err := checkPassword(password, ada); err != nil {
			t.Errorf("%q: %v", password, err)
		}
	}
}

func TestAPasswordIsTheSameHoweverItsAccentsAreTyped(t *testing.T) {
	t.Parallel()
	s := &Service{}
	hash, err := s.hash(t.Context(), "\u00e9t\u00e9 en Ardenne")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || strings.Contains(hash, "Ardenne") {
		t.Errorf("stored as %q", hash)
	}
	for password, want := range map[string]bool{
		"\u00e9t\u00e9 en Ardenne": true, "e\u0301te\u0301 en Ardenne": true, "\u00e9t\u00e9 en ardenne": false, "": false, strings.Repeat("x", maxPassword+1): false,
	} {
		if same, err := s.samePassword(t.Context(), password, hash); err != nil || same != want {
			t.Errorf("%q: %v, %v", password, same, err)
		}
	}
	if again, err := s.hash(t.Context(), "\u00e9t\u00e9 en Ardenne"); err != nil || again == hash {
		t.Errorf("two hashes of a password are equal: %v", err)
	}
}

func TestNobodysHashIsNeverTheSame(t *testing.T) {
	t.Parallel()
	s := &Service{}
	for _, password := range []string{"", goodPassword} {
		if same, err := s.samePassword(t.Context(), password, ""); same || err != nil {
			t.Errorf("%q is the password of nobody: %v", password, err)
		}
	}
	if n := s.stretched.Load(); n != 2 {
		t.Errorf("%d passwords were stretched, want 2", n)
	}
	for _, stored := range []string{"plain", "$argon2id$v=19$m=1,t=1,p=1$AA$AA", "$argon2id$v=19$m=19456,t=2,p=1$!$!", "$argon2id$v=19$m=19456,t=2,p=1$AA$AA"} {
		if _, err := s.samePassword(t.Context(), goodPassword, stored); !errors.Is(err, errHash) {
			t.Errorf("%q: %v", stored, err)
		}
	}
}

func TestStretchingWaitsForASlotAndGivesUpWithTheRequest(t *testing.T) { //nolint:paralleltest // it holds the slots of the process
	for range cap(slots) {
		slots <- struct{}{}
	}
	free := sync.OnceFunc(func() {
		for range cap(slots) {
			<-slots
		}
	})
	defer free()
	s := &Service{}
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	if _, err := s.hash(ctx, goodPassword); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("err = %v", err)
	}
	free()
	if _, err := s.hash(t.Context(), goodPassword); err != nil {
		t.Error(err)
	}
}
