-- +goose Up
-- Referentials that organisations keep: circle material, in clear. body is a
-- certification, JSON.
create table vae_referential (
    id text primary key,
    circle_id text not null,
    title text not null,
    body text not null,
    version bigint not null,
    made_at text not null,
    made_by text not null
);
create index vae_referential_circle on vae_referential (circle_id, id);
create index vae_referential_by on vae_referential (made_by);
-- A copy handed to a jury. Until the decision it holds ids and times only; title and
-- outcome are the jury's own, in clear, for its members and the candidate.
create table vae_session (
    grant_id text primary key,
    circle_id text not null,
    owner text not null,
    sha256 text not null,
    handed_at text not null,
    decided_at text not null,
    decided_by text not null,
    outcome text not null check (outcome in ('', 'full', 'partial', 'none')),
    title text not null,
    reason text not null
);
create index vae_session_circle on vae_session (circle_id, grant_id);
create index vae_session_owner on vae_session (owner);
create index vae_session_decided on vae_session (decided_by);
-- What a member of the jury thinks of one competence or bloc, and why; the word of
-- the jury as a whole has no person.
create table vae_opinion (
    grant_id text not null references vae_session (grant_id),
    about text not null,
    person_id text not null,
    opinion text not null check (opinion in ('yes', 'partly', 'no')),
    reason text not null,
    said_at text not null,
    primary key (grant_id, about, person_id)
);
create index vae_opinion_person on vae_opinion (person_id);
