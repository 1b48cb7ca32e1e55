-- +goose Up
-- Achievements: what a badge says, made to be shown to anybody, in clear.
create table badge_achievement (
    id text primary key,
    kind text not null check (kind in ('person', 'circle')),
    holder text not null,
    version bigint not null,
    name text not null,
    description text not null,
    criteria text not null,
    type text not null,
    alignments text not null,
    months bigint not null,
    picture text not null,
    claim text not null,
    made_at text not null,
    retired_at text not null
);
create index badge_achievement_holder on badge_achievement (kind, holder, id);
create index badge_achievement_claim on badge_achievement (claim);
-- Awards on their way from an issuer to a person, and what became of them. sealed
-- holds the words (evidence, a note, the credential until its holder has taken it),
-- sealed by the instance; entries are its places in status lists.
create table badge_award (
    id text primary key,
    achievement_id text not null references badge_achievement (id),
    person_id text not null,
    door text not null,
    team text not null,
    state text not null check (state in ('offered', 'claimed', 'agreed', 'signed', 'held', 'declined', 'refused', 'withdrawn')),
    sealed text not null,
    entries text not null,
    made_at text not null,
    ends_at text not null,
    revoked_at text not null,
    suspended_at text not null
);
create index badge_award_achievement on badge_award (achievement_id, id);
create index badge_award_person on badge_award (person_id, state);
create index badge_award_door on badge_award (door);
create index badge_award_ends on badge_award (state, ends_at);
