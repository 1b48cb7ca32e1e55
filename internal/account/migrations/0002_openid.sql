-- +goose Up
-- Whom a provider of OpenID Connect vouches for: a digest, keyed by the instance, of
-- issuer and subject. Nothing else that the provider says of a person is kept.
create table account_openid (
    digest text primary key,
    id text not null unique,
    person_id text not null references account_person (id) on delete cascade,
    made_at text not null,
    used_at text not null
);
create index account_openid_person on account_openid (person_id);

-- A session may come in by such a provider. Neither engine changes a check in the
-- same words, so the table is made again.
alter table account_session rename to account_session_before;
create table account_session (
    digest text primary key,
    id text not null unique,
    person_id text not null references account_person (id) on delete cascade,
    how text not null check (how in ('password', 'passkey', 'code', 'link', 'demo', 'openid')),
    device text not null,
    signed_at text not null,
    used_at text not null,
    ends_at text not null
);
insert into account_session (digest, id, person_id, how, device, signed_at, used_at, ends_at)
    select digest, id, person_id, how, device, signed_at, used_at, ends_at from account_session_before;
drop table account_session_before;
create index account_session_person on account_session (person_id);
create index account_session_end on account_session (ends_at);
