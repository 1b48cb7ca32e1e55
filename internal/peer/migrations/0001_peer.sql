-- +goose Up
-- Requests: whom is a keyed digest of the person asked, so that who said no is not
-- asked again; what is asked lies in the vault, as item id. Whether one was withdrawn is
-- the gate's to say.
create table peer_request (
    owner text not null,
    id text not null,
    grant_id text not null unique,
    person text not null,
    whom text not null,
    letter text not null,
    state text not null check (state in ('waiting', 'later', 'answered', 'declined')),
    made_at text not null,
    state_at text not null,
    ends_at text not null,
    primary key (owner, id)
);
create index peer_request_whom on peer_request (owner, whom);
create index peer_request_person on peer_request (person, grant_id);
-- Words: who wrote about whom, where each keeps it, whether it stands.
create table peer_word (
    id text primary key,
    author text not null,
    author_item text not null,
    subject text not null,
    subject_item text not null,
    made_at text not null,
    revoked_at text not null
);
create index peer_word_author on peer_word (author, subject);
create index peer_word_subject on peer_word (subject, subject_item);
-- Guests: people without sign-in. door is the link of the request she came by, sealed
-- by the instance; code is the keyed digest of the one on its way to her address.
create table peer_guest (
    person text primary key,
    token_digest text not null unique,
    grant_id text not null,
    door text not null,
    made_at text not null,
    code text not null,
    code_ends_at text not null,
    code_tries bigint not null
);
create index peer_guest_grant on peer_guest (grant_id);
