-- +goose Up
-- Places in status lists of credentials that the VC API signed: which entries, under
-- a keyed digest of the credential's identifier.
create table badge_placed (
    digest text not null,
    entries text not null,
    made_at text not null,
    primary key (digest, entries)
);
