package app

import (
	"context"
	"fmt"
	"reflect"
	"strings"

	"digiwork/internal/account"
	"digiwork/internal/instance"
	"digiwork/internal/platform/db"
	"digiwork/internal/platform/i18n"
)

// joinInstance gives the pages of the instance what they ask of the others.
func (a *App) joinInstance(o options) {
	engine := "SQLite"
	if a.DB.Dialect == db.Postgres {
		engine = "PostgreSQL"
	}
	about := o.about
	about.Engine, about.Version, about.Demo = engine, Version(), o.demo
	var open []instance.Room
	for _, r := range a.rooms() {
		open = append(open, instance.Room{Code: r.Code, Icon: r.Icon, Path: r.Path})
	}
	a.Instance = &instance.Service{
		DB:       a.DB,
		About:    about,
		Rooms:    open,
		Paths:    instance.Paths{Start: "/musette", SignIn: "/sign-in", SignUp: "/sign-up", Account: "/account", Export: "/musette/export", Erase: "/account/leave"},
		People:   census{a.Account},
		Doors:    doors{a.Account},
		Backups:  backups{a},
		Health:   health{a},
		Post:     a.Post,
		Jobs:     a.Jobs,
		Settings: o.settings,
	}
}

// census counts people for the office.
type census struct{ s *account.Service }

// Count implements instance.People.
func (c census) Count(ctx context.Context) (instance.Counts, error) {
	n, err := c.s.Count(ctx)
	return instance.Counts{People: n.People, Owners: n.Owners}, err
}

// doors opens and closes registration for the office.
type doors struct{ s *account.Service }

// Registration implements instance.Doors.
func (d doors) Registration(ctx context.Context) (string, error) {
	m, err := d.s.Registration(ctx)
	return string(m), err
}

// SetRegistration implements instance.Doors.
func (d doors) SetRegistration(ctx context.Context, mode string) error {
	return d.s.SetRegistration(ctx, account.Mode(mode))
}

// List implements instance.Backups.
func (b backups) List(context.Context) ([]instance.Backup, error) {
	infos, err := b.list()
	all := make([]instance.Backup, len(infos))
	for i, info := range infos {
		all[i] = instance.Backup{Name: info.Name(), At: info.ModTime(), Bytes: info.Size()}
	}
	return all, err
}

// health is doctor, for the office.
type health struct{ a *App }

// Check implements instance.Health.
func (h health) Check(ctx context.Context) ([]instance.Finding, error) {
	var all []instance.Finding
	for _, f := range examine(ctx, h.a.place) {
		state := instance.Fine
		switch {
		case !f.OK:
			state = instance.Serious
		case f.Advice:
			state = instance.Unsure
		}
		all = append(all, instance.Finding{State: state, Title: i18n.T(ctx, "app.finding."+f.Name), Text: f.Detail})
	}
	return all, nil
}

// settingsShown lists the settings as the program runs, with passwords hidden.
func settingsShown(parts ...any) []instance.Setting {
	var all []instance.Setting
	for _, p := range parts {
		v := reflect.ValueOf(p).Elem()
		for i := range v.NumField() {
			f := v.Type().Field(i)
			help := f.Tag.Get("help")
			if help == "" || !f.IsExported() {
				continue
			}
			name := f.Tag.Get("name")
			if name == "" {
				name = kebab(f.Name)
			}
			s := instance.Setting{Name: "--" + name, Value: shown(v.Field(i)), Help: help}
			s.Set = s.Value != f.Tag.Get("default")
			if name == "database" && db.IsPostgres(s.Value) {
				s.Secret, s.Value = true, ""
			}
			all = append(all, s)
		}
	}
	return all
}

func shown(v reflect.Value) string {
	switch x := v.Interface().(type) {
	case string:
		return x
	case []string:
		return strings.Join(x, ", ")
	case interface{ String() string }:
		return x.String()
	}
	return fmt.Sprint(v.Interface())
}

// kebab turns LogLevel into log-level, as the command line does.
func kebab(s string) string {
	var b strings.Builder
	for i, r := range s {
		if r >= 'A' && r <= 'Z' {
			if i > 0 {
				b.WriteByte('-')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}
