package gate

import (
	"context"
	"time"

	"digiwork/internal/kernel"
)

// Receipt is the record of a consent with the fields of ISO/IEC TS 27560:2023:
// header, processing, parties and events. It is the owner's to keep and to show.
type Receipt struct {
	SchemaVersion string              `json:"schema_version"`
	RecordID      kernel.GrantID      `json:"record_id"`
	PrincipalID   kernel.PersonID     `json:"pii_principal_id"`
	Processing    []ReceiptProcessing `json:"pii_processing"`
	Parties       []ReceiptParty      `json:"party_identification"`
	Events        []ReceiptEvent      `json:"consent_events"`
}

// ReceiptProcessing says what is shown, why and until when.
type ReceiptProcessing struct {
	PrivacyNotice    string       `json:"privacy_notice"`
	Language         string       `json:"language"`
	Purposes         []string     `json:"purposes"`
	LawfulBasis      string       `json:"lawful_basis"`
	PII              []ReceiptPII `json:"pii_information"`
	Controllers      []string     `json:"pii_controllers"`
	CollectionMethod string       `json:"collection_method"`
	ProcessingMethod string       `json:"processing_method"`
	StorageLocations []string     `json:"storage_locations"`
	RetentionPeriod  string       `json:"retention_period"`
	WithdrawalMethod string       `json:"withdrawal_method"`
	PrivacyRights    []string     `json:"privacy_rights"`
	RecipientThird   []string     `json:"recipient_third_parties"`
}

// ReceiptPII is one kind of information shown.
type ReceiptPII struct {
	Type     string `json:"pii_type"`
	Optional bool   `json:"pii_optional"`
}

// ReceiptParty is the person, or whoever she showed something to.
type ReceiptParty struct {
	ID   string `json:"party_id"`
	Name string `json:"party_name"`
	Role string `json:"party_role"`
	Type string `json:"party_type"`
}

// ReceiptEvent is a change of the consent.
type ReceiptEvent struct {
	Time     time.Time `json:"event_time"`
	Type     string    `json:"event_type"`
	State    string    `json:"event_state"` // given, withdrawn or expired
	Validity time.Time `json:"validity_until"`
	Entity   string    `json:"entity_id"`
}

// Receipt is the consent receipt of one of the actor's grants.
func (s *Service) Receipt(ctx context.Context, id kernel.GrantID) (Receipt, error) {
	p, err := s.Own(ctx)
	if err != nil {
		return Receipt{}, err
	}
	g, err := s.GrantByID(ctx, id)
	if err != nil {
		return Receipt{}, err
	}
	r, err := grantRow(ctx, s.DB.Read(), p.Owner(), id)
	if err != nil {
		return Receipt{}, err
	}
	b, err := s.openGrant(ctx, r)
	if err != nil {
		return Receipt{}, err
	}
	me := kernel.ActorFrom(ctx)
	var pii []ReceiptPII
	for _, f := range b.Fields {
		pii = append(pii, ReceiptPII{Type: f, Optional: true})
	}
	to := recipientOf(g)
	events := []ReceiptEvent{{g.Made, "explicit", "given", g.Until, string(me.Person)}}
	switch now := s.DB.Now(); {
	case !g.Withdrawn.IsZero():
		events = append(events, ReceiptEvent{g.Withdrawn, "explicit", "withdrawn", g.Withdrawn, string(me.Person)})
	case !now.Before(g.Until):
		events = append(events, ReceiptEvent{g.Until, "implicit", "expired", g.Until, string(me.Person)})
	}
	return Receipt{
		SchemaVersion: "ISO/IEC TS 27560:2023",
		RecordID:      g.ID,
		PrincipalID:   me.Person,
		Processing: []ReceiptProcessing{{
			PrivacyNotice: s.BaseURL + "/privacy", Language: me.Lang, Purposes: []string{g.Purpose},
			LawfulBasis: "consent", PII: pii, Controllers: []string{to.ID},
			CollectionMethod: "shown by the person herself", ProcessingMethod: "reading",
			StorageLocations: []string{s.BaseURL}, RetentionPeriod: g.Until.Format(time.RFC3339),
			WithdrawalMethod: s.BaseURL + "/portillon", PrivacyRights: []string{"withdraw at any time", "read who looked", "erase"},
			RecipientThird: []string{},
		}},
		Parties: []ReceiptParty{{string(me.Person), me.Name, "pii_principal", "person"}, to},
		Events:  events,
	}, nil
}

func recipientOf(g Grant) ReceiptParty {
	switch {
	case g.To.Link:
		return ReceiptParty{"link:" + string(g.ID), "whoever holds the link", "pii_controller", "unknown"}
	case g.To.Person != "":
		return ReceiptParty{string(g.To.Person), g.ToName, "pii_controller", "person"}
	}
	return ReceiptParty{string(g.To.Circle), g.ToName, "pii_controller", "circle"}
}
