-- +goose Up
-- What a group watches for its expedition: shared material, in clear under the
-- access rules of the expedition. lead_id names the signal that this one repeats.
create table watch_signal (
    expedition_id text not null,
    id text not null,
    lead_id text not null,
    why text not null,
    feed_id text not null,
    address text not null,
    title text not null,
    author text not null,
    published text not null,
    text text not null,
    print bigint not null,
    state text not null check (state in ('new', 'kept', 'aside')),
    grade text not null check (grade in ('', 'weak', 'trend', 'break', 'controversy')),
    axis text not null,
    tags text not null,
    note text not null,
    by_person text not null,
    seen_at text not null,
    kept_at text not null,
    version bigint not null,
    primary key (expedition_id, id)
);
create index watch_signal_list on watch_signal (expedition_id, lead_id, state, seen_at);
create index watch_signal_by on watch_signal (by_person);
-- Pairs that somebody took apart: they are never folded again.
create table watch_apart (
    expedition_id text not null,
    one_id text not null,
    other_id text not null,
    primary key (expedition_id, one_id, other_id)
);
create table watch_feed (
    id text not null primary key,
    expedition_id text not null,
    address text not null,
    title text not null,
    site text not null,
    etag text not null,
    modified text not null,
    problem text not null,
    pause bigint not null,
    next_at text not null,
    asked_at text not null,
    unique (expedition_id, address)
);
create index watch_feed_due on watch_feed (next_at);
-- Passages and what was said of them (W3C Web Annotation).
create table watch_note (
    expedition_id text not null,
    id text not null,
    signal_id text not null,
    exact text not null,
    prefix text not null,
    suffix text not null,
    start_at bigint not null,
    end_at bigint not null,
    lost boolean not null,
    body text not null,
    by_person text not null,
    made_at text not null,
    primary key (expedition_id, id)
);
create index watch_note_signal on watch_note (expedition_id, signal_id);
create index watch_note_by on watch_note (by_person);
create table watch_review (
    expedition_id text not null,
    id text not null,
    title text not null,
    words text not null,
    signals text not null,
    made_at text not null,
    primary key (expedition_id, id)
);
-- Whoever folds takes a turn: two feeds that arrive together see each other.
create table watch_turn (
    expedition_id text not null primary key,
    turn bigint not null
);
