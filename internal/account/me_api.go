package account

import (
	"context"
	"net/http"
	"time"

	"digiwork/internal/kernel"
	"digiwork/internal/platform/i18n"
	"digiwork/internal/platform/web"

	"github.com/danielgtaylor/huma/v2"
)

// meBody is the JSON face of the person whose token it is.
type meBody struct {
	ID             string    `json:"id" doc:"Stable identifier." example:"per_01hq3k9m2abcdefghijklm"`
	Handle         string    `json:"handle" doc:"How she signs in. Other people on the instance can read it."`
	Name           string    `json:"name" doc:"What others read."`
	Email          string    `json:"email,omitempty" doc:"Her address, if she gave one."`
	EmailConfirmed bool      `json:"email_confirmed" doc:"She followed the link that was sent there."`
	Language       string    `json:"language" enum:"fr,en"`
	Zone           string    `json:"zone" doc:"IANA time zone: ends of sharing are counted in it." example:"Europe/Paris"`
	Theme          string    `json:"theme" enum:",light,dark" doc:"Empty is the device's own choice."`
	QuietHours     quietBody `json:"quiet_hours" doc:"When nothing is sent to her."`
	Admin          bool      `json:"admin" doc:"She keeps the instance."`
	Demo           bool      `json:"demo" doc:"The account belongs to a demonstration and vanishes at its next reset."`
	Scopes         []string  `json:"scopes" doc:"What this token may do."`
	CreatedAt      time.Time `json:"created_at"`
	Version        int64     `json:"version"`
}

// quietBody is when nothing is sent to a person.
type quietBody struct {
	On   bool   `json:"on"`
	From string `json:"from" example:"19:00"`
	To   string `json:"to" example:"08:00"`
	Days []int  `json:"days" doc:"Whole days: 0 is Sunday."`
}

func meOf(p Person, scopes []string) meBody {
	b := meBody{
		ID: string(p.ID), Handle: p.Handle, Name: p.Name, Email: p.Mail, EmailConfirmed: p.MailConfirmed,
		Language: p.Lang, Zone: p.Zone, Theme: p.Theme, Admin: p.Admin, Demo: p.Demo,
		QuietHours: quietBody{On: p.Quiet.On, From: p.Quiet.From.String(), To: p.Quiet.To.String(), Days: []int{}},
		Scopes:     append([]string{}, scopes...), CreatedAt: p.MadeAt, Version: p.Version,
	}
	for d := range 7 {
		if p.Quiet.Days.Has(time.Weekday(d)) {
			b.QuietHours.Days = append(b.QuietHours.Days, d)
		}
	}
	return b
}

// receiptBody is what an erasure did.
type receiptBody struct {
	Person        string      `json:"person" doc:"The identifier that the account had."`
	LeftAt        time.Time   `json:"left_at" doc:"When everything was removed, in one transaction."`
	KeyDestroyed  *time.Time  `json:"key_destroyed_at" doc:"When her data key was destroyed; null while that is being done: a crash does not prevent it."`
	Destroyed     []tallyBody `json:"destroyed"`
	StaysWith     []tallyBody `json:"stays" doc:"What stays with others."`
	WhatIsOutside string      `json:"limits" doc:"What an erasure cannot reach, in words."`
}

// tallyBody is something counted.
type tallyBody struct {
	What  string `json:"what" doc:"Stable name." example:"account.leaving.items"`
	Count int    `json:"count"`
	Text  string `json:"text" doc:"In the language asked for."`
}

func talliesOf(ctx context.Context, tallies []Tally) []tallyBody {
	all := []tallyBody{}
	for _, t := range tallies {
		all = append(all, tallyBody{t.Key, t.N, i18n.N(ctx, t.Key, t.N)})
	}
	return all
}

func receiptOf(ctx context.Context, r Receipt) receiptBody {
	b := receiptBody{
		Person: string(r.Person), LeftAt: r.LeftAt, Destroyed: talliesOf(ctx, r.Gone), StaysWith: talliesOf(ctx, r.Stays),
		WhatIsOutside: i18n.T(ctx, "account.receipt.limits"),
	}
	if !r.ForgottenAt.IsZero() {
		b.KeyDestroyed = &r.ForgottenAt
	}
	return b
}

var errConfirm = kernel.NewFault(kernel.Invalid, "account.erase.confirm").On("Confirm")

// API registers the JSON operations.
func (s *Service) API(api huma.API) {
	s.apiMe(api)
	s.apiTokens(api)
}

func (s *Service) apiMe(api huma.API) {
	huma.Register(api, huma.Operation{
		OperationID: "me-read", Method: http.MethodGet, Path: "/me", Tags: []string{"account"}, Security: web.Scope("read"),
		Summary: "Who I am here", Description: "The person whose token it is, and what the token may do.",
		Errors: []int{http.StatusUnauthorized, http.StatusForbidden},
	}, func(ctx context.Context, _ *struct{}) (*web.Body[meBody], error) {
		p, err := s.Me(ctx)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(meOf(p, kernel.ActorFrom(ctx).Scopes)), nil
	})
	huma.Register(api, huma.Operation{
		OperationID: "me-erase", Method: http.MethodDelete, Path: "/me", Tags: []string{"account"}, Security: web.Scope("erase"),
		Summary: "Erase my account",
		Description: "Everything goes in one transaction over all rooms, then the key that opens the musette is destroyed. " +
			"There is no way back: the header says that this is meant. The answer is the receipt; no copy of it is kept.",
		Errors: []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusUnprocessableEntity},
	}, func(ctx context.Context, in *struct {
		Confirm string `header:"Confirm" doc:"The word erase."`
	}) (*web.Body[receiptBody], error) {
		if in.Confirm != "erase" {
			return nil, web.Problem(ctx, errConfirm)
		}
		r, err := s.EraseMe(ctx)
		if err != nil {
			return nil, web.Problem(ctx, err)
		}
		return web.OK(receiptOf(ctx, r)), nil
	})
}
