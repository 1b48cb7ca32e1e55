-- +goose Up
-- A letter that waits to leave. Address and words are in sealed, by the instance
-- key; the row goes when the letter has left.
create table mail_letter (
    id text primary key,
    person text not null,
    sealed bytea not null,
    refused boolean not null,
    made_at text not null
);
create index mail_letter_person on mail_letter (person);
create index mail_letter_made on mail_letter (made_at);
-- What limits count: a keyed digest of the address, who asked, when. Kept a day.
create table mail_trace (
    letter text primary key,
    address_digest text not null,
    person text not null,
    at text not null
);
create index mail_trace_address on mail_trace (address_digest, at);
create index mail_trace_person on mail_trace (person, at);
create index mail_trace_at on mail_trace (at);
