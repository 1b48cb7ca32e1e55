-- +goose Up
-- Persons. Handle and name are what she chose to be called by on this instance:
-- shared data. Her address is sealed by the instance key; its digest is keyed.
create table account_person (
    id text primary key,
    handle text not null,
    handle_fold text not null unique,
    name text not null,
    mail text not null,
    mail_digest text not null,
    mail_confirmed boolean not null,
    lang text not null check (lang in ('fr', 'en')),
    zone text not null,
    theme text not null check (theme in ('', 'light', 'dark')),
    quiet_on boolean not null,
    quiet_from bigint not null check (quiet_from between 0 and 1439),
    quiet_to bigint not null check (quiet_to between 0 and 1439),
    quiet_days bigint not null check (quiet_days between 0 and 127),
    password text not null,
    admin boolean not null,
    demo boolean not null,
    alert_at text not null,
    made_at text not null,
    version bigint not null
);
create index account_person_mail on account_person (mail_digest) where mail_digest <> '';

-- A signed-in browser. The digest of its cookie, two words about the device, no address.
create table account_session (
    digest text primary key,
    id text not null unique,
    person_id text not null references account_person (id) on delete cascade,
    how text not null check (how in ('password', 'passkey', 'code', 'link', 'demo')),
    device text not null,
    signed_at text not null,
    used_at text not null,
    ends_at text not null
);
create index account_session_person on account_session (person_id);
create index account_session_end on account_session (ends_at);

-- A token of the API. Its digest only; its name is sealed.
create table account_token (
    digest text primary key,
    id text not null unique,
    person_id text not null references account_person (id) on delete cascade,
    name text not null,
    scopes text not null,
    by_operator boolean not null,
    made_at text not null,
    used_at text not null,
    ends_at text not null
);
create index account_token_person on account_token (person_id);

-- A passkey: public key and counters, as WebAuthn (7.1, 7.2) asks to keep them.
create table account_passkey (
    credential_id text primary key,
    id text not null unique,
    person_id text not null references account_person (id) on delete cascade,
    record text not null,
    device text not null,
    made_at text not null,
    used_at text not null
);
create index account_passkey_person on account_passkey (person_id);

-- A challenge that waits for its answer, sealed, for five minutes.
create table account_ceremony (
    digest text primary key,
    state text not null,
    ends_at text not null
);

-- Recovery codes: keyed digests. A used code is deleted.
create table account_code (
    person_id text not null references account_person (id) on delete cascade,
    digest text not null,
    batch text not null,
    primary key (person_id, digest)
);

-- Links that open something once: set-up, sign-in, invitation, proof of an address;
-- and those of other contexts that opened an account, so that they open only one.
create table account_link (
    digest text primary key,
    id text not null unique,
    kind text not null check (kind in ('setup', 'enter', 'lost', 'invite', 'mail', 'spent')),
    person_id text not null,
    about text not null,
    made_at text not null,
    opens_at text not null,
    ends_at text not null
);
create index account_link_person on account_link (person_id, kind);

-- What the owner of the instance decided about accounts.
create table account_setting (
    name text primary key,
    value text not null
);

-- Persons who are leaving: ids and times only. A line without forgotten_at is
-- taken up again at start.
create table account_departure (
    person_id text primary key,
    left_at text not null,
    forgotten_at text not null
);
