-- +goose Up
-- Collectives. The name is shared data, in clear. turn rises with each change of
-- membership: whoever changes members takes the row first, so that two owners
-- cannot leave at the same moment.
create table circle_circle (
    id text primary key,
    name text not null,
    kind text not null check (kind in ('guild', 'organisation', 'team', 'territory', 'jury', 'expedition')),
    version bigint not null,
    turn bigint not null,
    made_at text not null,
    closed_at text not null
);
create table circle_member (
    circle_id text not null references circle_circle (id),
    person_id text not null,
    role text not null check (role in ('owner', 'member')),
    joined_at text not null,
    primary key (circle_id, person_id)
);
create index circle_member_person on circle_member (person_id, circle_id);
create index circle_member_order on circle_member (circle_id, joined_at, person_id);
-- sealed holds the token and, when it left by mail, the address: for the owners of
-- the circle, while it waits.
create table circle_invitation (
    id text primary key,
    circle_id text not null references circle_circle (id),
    token_digest text not null unique,
    sealed text not null,
    letter text not null,
    by_person text not null,
    made_at text not null,
    ends_at text not null,
    used_by text not null
);
create index circle_invitation_circle on circle_invitation (circle_id, ends_at);
create index circle_invitation_by on circle_invitation (by_person);
create index circle_invitation_used on circle_invitation (used_by);
create index circle_invitation_ends on circle_invitation (ends_at);
