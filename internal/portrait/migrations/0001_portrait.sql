-- +goose Up
-- Names under which a link answers. The name is shared data, in clear; sealed holds
-- the link's token.
create table portrait_address (
    name text primary key,
    person_id text not null unique,
    grant_id text not null,
    sealed text not null,
    made_at text not null
);
