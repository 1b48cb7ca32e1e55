-- +goose Up
-- Counts a circle asks of its members. Shared: purpose, questions and what was
-- published are the circle's, in clear.
create table gate_count (
    id text not null primary key,
    circle text not null,
    purpose text not null,
    questions text not null,
    words text not null,
    made_at text not null,
    until text not null,
    state text not null check (state in ('open', 'published', 'short', 'held', 'dropped')),
    settled_at text not null,
    n bigint not null,
    result text not null
);
create unique index gate_count_open on gate_count (circle) where state = 'open';
create index gate_count_circle on gate_count (circle, id);
-- What members said, sealed under their own keys; deleted at publication.
create table gate_contribution (
    owner text not null,
    count_id text not null,
    at text not null,
    sealed blob not null,
    primary key (owner, count_id)
) without rowid;
create index gate_contribution_count on gate_contribution (count_id);
-- Keyed digests of who was counted, to compare two counts of one circle. Nobody can
-- make them again once a person's key is destroyed.
create table gate_counted (
    count_id text not null,
    digest text not null,
    primary key (count_id, digest)
) without rowid;
