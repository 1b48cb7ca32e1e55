-- +goose Up
-- Expeditions: shared material, in clear under access rules. One belongs to a circle
-- or to a person. The code that lets guests in is sealed by the instance.
create table expedition_expedition (
    id text primary key,
    circle_id text not null,
    person_id text not null,
    name text not null,
    question text not null,
    lang text not null check (lang in ('fr', 'en')),
    visibility text not null check (visibility in ('private', 'partners', 'public')),
    licence text not null,
    origin text not null,
    code_digest text not null,
    code_sealed text not null,
    version bigint not null,
    turn bigint not null,
    made_at text not null,
    check ((circle_id = '') <> (person_id = ''))
);
create index expedition_of_circle on expedition_expedition (circle_id);
create index expedition_of_person on expedition_expedition (person_id);
create index expedition_seen on expedition_expedition (visibility, id);
create index expedition_code on expedition_expedition (code_digest);
create table expedition_partner (
    expedition_id text not null references expedition_expedition (id) on delete cascade,
    circle_id text not null,
    primary key (expedition_id, circle_id)
);
create index expedition_partner_circle on expedition_partner (circle_id);
create table expedition_role (
    expedition_id text not null references expedition_expedition (id) on delete cascade,
    person_id text not null,
    role text not null check (role in ('facilitator', 'editor', 'watcher', 'reader')),
    primary key (expedition_id, person_id)
);
create index expedition_role_person on expedition_role (person_id);
-- How those who took part wish to be named; person_id is '' for a name that came
-- with a file.
create table expedition_credit (
    expedition_id text not null references expedition_expedition (id) on delete cascade,
    place bigint not null,
    person_id text not null,
    named text not null,
    primary key (expedition_id, place)
);
create index expedition_credit_person on expedition_credit (person_id);
-- Everything an expedition gathers is a card of some kind, tied to others. The id of
-- a card means something inside its expedition only, and stays when it is copied.
-- circle_id names the partner whose own it is until released.
create table expedition_card (
    expedition_id text not null references expedition_expedition (id) on delete cascade,
    id text not null,
    kind text not null,
    place bigint not null,
    title text not null,
    fields text not null,
    circle_id text not null,
    by_person text not null,
    version bigint not null,
    changed_at text not null,
    primary key (expedition_id, id)
);
create index expedition_card_by on expedition_card (by_person);
create table expedition_tie (
    expedition_id text not null,
    card_id text not null,
    name text not null,
    place bigint not null,
    target text not null,
    primary key (expedition_id, card_id, name, place),
    foreign key (expedition_id, card_id) references expedition_card (expedition_id, id) on delete cascade
);
-- Earlier versions of cards.
create table expedition_past (
    expedition_id text not null,
    card_id text not null,
    version bigint not null,
    title text not null,
    fields text not null,
    ties text not null,
    by_person text not null,
    changed_at text not null,
    primary key (expedition_id, card_id, version),
    foreign key (expedition_id, card_id) references expedition_card (expedition_id, id) on delete cascade
);
create index expedition_past_by on expedition_past (by_person);
