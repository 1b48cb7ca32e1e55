package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"digiwork/internal/app"
)

// world is a filled database: tokens and sessions of some of its people.
type world struct {
	data    string
	tokens  []string
	cookies []string
	items   []string // one activity of each of those people
}

// asked is how many people the client alternates.
const asked = 500

// seed fills a fresh database with people who keep each activities each.
func seed(ctx context.Context, dir string, people, each int) (*world, error) {
	w := &world{data: filepath.Join(dir, fmt.Sprintf("data-%d", people*each))}
	f, err := app.Fill(ctx, w.data, people, each, asked)
	if err != nil {
		return nil, err
	}
	w.tokens, w.cookies, w.items = f.Tokens, f.Cookies, f.Items
	if len(w.tokens) == 0 || len(w.items) == 0 {
		return nil, errors.New("the database was not filled")
	}
	return w, nil
}
