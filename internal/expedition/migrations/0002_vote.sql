-- +goose Up
create table expedition_vote (
    id text primary key,
    expedition_id text not null references expedition_expedition (id) on delete cascade,
    question text not null,
    method text not null check (method in ('approval', 'judgement')),
    steps boolean not null,
    options text not null,
    seed text not null,
    published text not null,
    result_card text not null,
    turn bigint not null,
    made_at text not null
);
create index expedition_vote_of on expedition_vote (expedition_id, id);
-- A link and a ballot have nothing in common. At each ballot, both sets are written
-- again in an order of their own (links by digest, ballots by what they say), so that
-- neither the place of a row nor the transaction that wrote it tells when it came.
create table expedition_link (
    vote_id text not null references expedition_vote (id) on delete cascade,
    digest text not null,
    spent boolean not null,
    primary key (vote_id, digest)
);
create index expedition_link_digest on expedition_link (digest);
create table expedition_ballot (
    vote_id text not null references expedition_vote (id) on delete cascade,
    place bigint not null,
    choices text not null,
    primary key (vote_id, place)
);
