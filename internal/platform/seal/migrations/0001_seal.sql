-- +goose Up
-- Wrapped keys, one a person, and the proof that the key file is the right one.
-- These tables lie in a database of their own: see docs/adr.
create table seal_key (
    owner text not null primary key,
    key_id text not null,
    wrapped bytea not null,
    made_at text not null
);
create index seal_key_by_id on seal_key (key_id, owner);
-- Who was erased, and when: a restored backup forgets them again.
create table seal_tombstone (
    owner text not null primary key,
    at text not null
);
