-- +goose Up
-- Tables where actors are played: material of an expedition, in clear. What is said in
-- a role stands under a seat; a seat is nobody's but the device's that holds its key,
-- and the digests of keys go when the table closes. No row says when or by whom.
create table workshop_table (
    id text not null primary key,
    expedition_id text not null,
    name text not null,
    scenario text not null,
    roles text not null,
    stakes text not null,
    script text not null,
    named boolean not null,
    phase text not null check (phase in ('gather', 'silent', 'reveal', 'revise', 'closed')),
    step bigint not null,
    since text not null,
    code_digest text not null,
    code_sealed text not null,
    desk_digest text not null,
    minutes text not null,
    version bigint not null,
    turn bigint not null
);
create index workshop_table_of on workshop_table (expedition_id, id);
create index workshop_table_code on workshop_table (code_digest);
create table workshop_seat (
    table_id text not null references workshop_table (id) on delete cascade,
    id text not null,
    role text not null,
    name text not null,
    key_digest text not null,
    paper boolean not null,
    primary key (table_id, id)
);
create index workshop_seat_key on workshop_seat (table_id, key_digest);
create table workshop_entry (
    table_id text not null,
    seat_id text not null,
    round bigint not null,
    kind text not null check (kind in ('position', 'pressure', 'words')),
    target text not null,
    value bigint not null,
    words text not null,
    primary key (table_id, seat_id, round, kind, target),
    foreign key (table_id, seat_id) references workshop_seat (table_id, id) on delete cascade
);
create table workshop_idea (
    table_id text not null references workshop_table (id) on delete cascade,
    id text not null,
    place bigint not null,
    words text not null,
    card text not null,
    primary key (table_id, id)
);
create table workshop_dot (
    table_id text not null,
    idea_id text not null,
    seat_id text not null,
    primary key (table_id, idea_id, seat_id),
    foreign key (table_id, idea_id) references workshop_idea (table_id, id) on delete cascade,
    foreign key (table_id, seat_id) references workshop_seat (table_id, id) on delete cascade
);
