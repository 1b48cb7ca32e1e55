-- +goose Up
-- One line per write that carried an idempotency key: digests, outcome and the
-- id of what was made. Never the request nor the answer.
create table once_key (
    person text not null,
    key_digest text not null,
    request_digest text not null,
    item text not null,
    at text not null,
    primary key (person, key_digest)
);
create index once_key_at on once_key (at);
