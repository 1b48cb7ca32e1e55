-- +goose Up
-- What is to be done later: ids and times only, never a word of anybody.
create table jobs_job (
    id text primary key,
    kind text not null,
    subject text not null,
    person text not null,
    run_at text not null,
    tries bigint not null,
    lease text not null,
    leased_until text not null,
    stuck boolean not null,
    made_at text not null
);
create index jobs_job_due on jobs_job (run_at) where stuck = false;
create index jobs_job_person on jobs_job (person);
