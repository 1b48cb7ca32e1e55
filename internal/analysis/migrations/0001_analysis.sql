-- +goose Up
-- Analyses of an expedition: shared material, in clear under its access rules. What
-- is kept is what was entered; the result is computed each time it is read.
create table analysis_study (
    expedition_id text not null,
    id text not null,
    name text not null,
    method text not null,
    entered text not null,
    words text not null,
    version bigint not null,
    primary key (expedition_id, id)
);
