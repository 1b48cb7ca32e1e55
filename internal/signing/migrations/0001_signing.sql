-- +goose Up
-- Keys of circles and of the instance; the private part is sealed by the instance.
-- The one with the highest number signs; those before it are kept.
create table signing_key (
    kind text not null check (kind in ('circle', 'instance')),
    holder text not null,
    number bigint not null,
    public text not null,
    sealed text not null,
    made_at text not null,
    primary key (kind, holder, number)
);
-- Status lists. used counts the places taken; bits is the packed list. signed is the
-- list as its issuer signed it last, where nobody else can sign it: lists of people.
create table signing_list (
    id text primary key,
    kind text not null check (kind in ('person', 'circle', 'instance')),
    holder text not null,
    issuer text not null,
    purpose text not null,
    number bigint not null,
    used bigint not null,
    version bigint not null,
    bits text not null,
    signed text not null,
    signed_at text not null,
    unique (kind, holder, issuer, purpose, number)
);
