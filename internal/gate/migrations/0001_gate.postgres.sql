-- +goose Up
create table gate_owner (
    owner text not null primary key,
    revision bigint not null,
    items bigint not null,
    bytes bigint not null,
    made_at text not null
);
create table gate_item (
    owner text not null,
    id text not null,
    room text not null,
    version bigint not null,
    made_at text not null,
    at text not null,
    sealed bytea not null,
    primary key (owner, id)
);
create table gate_version (
    owner text not null,
    id text not null,
    version bigint not null,
    room text not null,
    made_at text not null,
    at text not null,
    sealed bytea not null,
    primary key (owner, id, version)
);
create table gate_chunk (
    owner text not null,
    upload text not null,
    n bigint not null,
    sealed bytea not null,
    primary key (owner, upload, n)
);
create table gate_blob (
    owner text not null,
    ref text not null,
    upload text not null,
    chunks bigint not null,
    until text not null,
    made_at text not null,
    primary key (owner, ref)
);
create index gate_blob_until on gate_blob (until) where until <> '';
create table gate_grant (
    owner text not null,
    id text not null,
    kind text not null check (kind in ('link', 'person', 'circle')),
    recipient text not null,
    made_at text not null,
    until text not null,
    withdrawn_at text not null,
    sealed bytea not null,
    primary key (owner, id)
);
-- Ways to a grant that do not start from its owner. Technical: ids and digests.
create table gate_door (
    door text not null,
    owner text not null,
    grant_id text not null,
    primary key (door, owner, grant_id)
);
create table gate_journal (
    owner text not null,
    id text not null,
    span text not null,
    grant_id text not null,
    what text not null,
    who text not null,
    first_at text not null,
    last_at text not null,
    count bigint not null,
    primary key (owner, id)
);
create unique index gate_journal_span on gate_journal (owner, span, grant_id, what, who);
