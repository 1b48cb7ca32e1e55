-- +goose Up
-- terms is what the analyser made of a text. The index is over an expression, so that
-- the columns are those of the other engine and a backup serves both.
create table search_entry (
    num bigint primary key,
    space text not null,
    id text not null,
    terms text not null
);
create unique index search_entry_id on search_entry (space, id);
create index search_entry_terms on search_entry using gin (to_tsvector('simple', terms));
