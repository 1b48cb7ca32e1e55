-- +goose Up
-- A loan is a grant to a room: which one, and how many answers it still waits for.
alter table gate_grant add column room text not null default '';
alter table gate_grant add column answers bigint not null default 0;
-- Copies that cannot change, each under its own key. A kept one belongs to the
-- circle; a dropped one waits for its key to be destroyed.
create table gate_frozen (
    id text not null primary key,
    owner text not null,
    circle text not null,
    room text not null,
    state text not null check (state in ('open', 'kept', 'dropped')),
    made_at text not null,
    kept_at text not null,
    chunks bigint not null,
    sealed blob not null
) without rowid;
create index gate_frozen_owner on gate_frozen (owner, state);
create table gate_frozen_chunk (
    id text not null,
    n bigint not null,
    sealed blob not null,
    primary key (id, n)
);
