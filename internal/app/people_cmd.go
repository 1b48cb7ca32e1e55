package app

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"digiwork/internal/account"
	"digiwork/internal/kernel"
)

type personCmds struct {
	Add   personAddCmd   `cmd:"" help:"Add a person. Without a password file, prints a sign-in link valid 24 hours."`
	Link  personLinkCmd  `cmd:"" help:"Make a sign-in link for somebody who lost everything; it opens after 72 hours, announced to them."`
	Erase personEraseCmd `cmd:"" help:"Erase a person and everything of theirs."`
}

type personAddCmd struct {
	Handle       string `required:"" help:"Short name to sign in with." placeholder:"H"`
	Name         string `required:"" help:"Name shown on this instance." placeholder:"N"`
	Email        string `help:"Mail address." placeholder:"E"`
	PasswordFile string `help:"File whose first line is the password." placeholder:"F"`
	Admin        bool   `help:"Owner of the instance."`
	Lang         string `help:"Language: fr or en." default:"fr" enum:"fr,en"`
}

// Run implements the command.
func (c *personAddCmd) Run(e *env) error {
	password, err := firstLine(c.PasswordFile)
	if err != nil {
		return err
	}
	return e.with(func(a *App) error {
		id, url, err := a.Account.AddPerson(e.ctx, account.NewPerson{
			Handle: c.Handle, Name: c.Name, Mail: c.Email, Password: password, Lang: c.Lang, Admin: c.Admin,
		})
		if err != nil {
			return err
		}
		out := map[string]string{"id": string(id), "handle": c.Handle, "sign_in_url": url}
		if url == "" {
			return e.say(out, "Added %s (%s).", c.Handle, id)
		}
		return e.say(out, "Added %s (%s). Sign-in link, valid 24 hours:\n%s", c.Handle, id, url)
	})
}

// firstLine reads a secret from a file; an empty path is no secret.
func firstLine(path string) (string, error) {
	if path == "" {
		return "", nil
	}
	f, err := os.Open(path) //nolint:gosec // the operator's own path
	if err != nil {
		return "", err
	}
	lines := bufio.NewScanner(f)
	lines.Scan()
	if err := errors.Join(lines.Err(), f.Close()); err != nil {
		return "", err
	}
	line := strings.TrimRight(lines.Text(), "\r")
	if line == "" {
		return "", fmt.Errorf("%s: the first line is empty", path)
	}
	return line, nil
}

type personLinkCmd struct {
	Person string `required:"" help:"Handle of the person." placeholder:"H"`
}

// Run implements the command.
func (c *personLinkCmd) Run(e *env) error {
	return e.with(func(a *App) error {
		id, err := a.Account.PersonByHandle(e.ctx, c.Person)
		if err != nil {
			return err
		}
		url, opens, err := a.Account.LostLink(e.ctx, id)
		if err != nil {
			return err
		}
		return e.say(map[string]string{"id": string(id), "sign_in_url": url, "opens_at": opens.Format(time.RFC3339)},
			"This link opens on %s. The person is told at once, and can cancel it.\n%s", opens.Format(time.RFC1123), url)
	})
}

type personEraseCmd struct {
	Person string `required:"" help:"Handle of the person." placeholder:"H"`
	Yes    bool   `help:"Confirm: this cannot be undone."`
}

// Run implements the command.
func (c *personEraseCmd) Run(e *env) error {
	if !c.Yes {
		return misused("erasing %s cannot be undone; add --yes to confirm", c.Person)
	}
	return e.with(func(a *App) error {
		id, err := a.Account.PersonByHandle(e.ctx, c.Person)
		if err != nil {
			return err
		}
		r, err := a.Account.Erase(e.ctx, id)
		if err != nil {
			return err
		}
		return e.say(receiptOut(r), "Erased %s (%s). Her data key is destroyed; content backups no longer open for her with a keys file from now on.", c.Person, id)
	})
}

// receiptOut is the JSON form of what an erasure did.
func receiptOut(r account.Receipt) map[string]any {
	tallies := func(all []account.Tally) map[string]int {
		m := map[string]int{}
		for _, t := range all {
			m[strings.ReplaceAll(t.Key, ".", "_")] = t.N
		}
		return m
	}
	return map[string]any{
		"person": r.Person, "left_at": r.LeftAt, "forgotten_at": r.ForgottenAt,
		"destroyed": tallies(r.Gone), "stays": tallies(r.Stays),
	}
}

type tokenCmds struct {
	Create tokenCreateCmd `cmd:"" help:"Make a token; it is printed once."`
}

type tokenCreateCmd struct {
	Person string `required:"" help:"Handle of the person." placeholder:"H"`
	Name   string `help:"What the token is for." default:"command line" placeholder:"TEXT"`
	Scopes string `help:"all, or a list: read,write,share,import,export,erase,vc-api." default:"all"`
}

// Run implements the command.
func (c *tokenCreateCmd) Run(e *env) error {
	return e.with(func(a *App) error {
		id, err := a.Account.PersonByHandle(e.ctx, c.Person)
		if err != nil {
			return err
		}
		_, token, err := a.Account.CreateTokenFor(e.ctx, kernel.PersonID(id), account.NewToken{Name: c.Name, Scopes: strings.Split(c.Scopes, ",")})
		if err != nil {
			return err
		}
		return e.say(map[string]string{"token": token.Reveal()}, "%s", token.Reveal())
	})
}
