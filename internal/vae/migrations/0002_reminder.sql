-- +goose Up
-- When to remind somebody of a file, if she asked for it: ids and days, nothing else.
create table vae_reminder (
    person_id text not null,
    file_id text not null,
    due_on text not null,
    primary key (person_id, file_id, due_on)
);
create index vae_reminder_due on vae_reminder (due_on);
