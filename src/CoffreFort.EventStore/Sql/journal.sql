-- The journal's tables, run by the owner; every statement may be run again.
-- Names and columns follow Marten 9, so that a host with Marten can open the same database (docs/adr/0001-event-store.md).
create schema if not exists coffrefort;

create table if not exists coffrefort.mt_streams (
    id          uuid primary key,
    type        varchar,
    version     bigint not null,
    timestamp   timestamptz not null,
    created     timestamptz not null,
    tenant_id   varchar not null default '*DEFAULT*',
    is_archived boolean not null default false
);

create table if not exists coffrefort.mt_events (
    seq_id         bigint primary key,
    id             uuid not null,
    stream_id      uuid not null,
    version        bigint not null,
    -- json, never jsonb: the stored text is byte for byte what was hashed.
    data           json not null,
    type           varchar(500) not null,
    timestamp      timestamptz not null,
    tenant_id      varchar not null default '*DEFAULT*',
    mt_dotnet_type varchar,
    correlation_id varchar,
    causation_id   varchar,
    headers        json,
    user_name      varchar,
    is_archived    boolean not null default false,
    leaf_hash      bytea not null check (octet_length(leaf_hash) = 32),
    constraint pk_mt_events_stream_and_version unique (stream_id, version)
);

create table if not exists coffrefort.mt_event_progression (
    name         varchar primary key,
    last_seq_id  bigint not null,
    last_updated timestamptz not null default clock_timestamp()
);

-- Beside each cursor: which tables are live and which version of the subscription made them, who runs it, and at what it stands still.
-- A set that is being built anew beside the live one has a cursor and a row of its own, under the name with '~next' behind it.
create table if not exists coffrefort.subscriptions (
    name          varchar primary key,
    version       integer not null,
    tables        varchar[] not null,
    node          varchar,
    stopped_at    bigint,
    stopped_type  varchar,
    stopped_by    varchar,
    stopped_since timestamptz
);

-- Events that one version of a subscription passes over, because somebody decided so (the decision stands in the journal).
create table if not exists coffrefort.subscription_skips (
    name    varchar not null,
    version integer not null,
    seq_id  bigint not null,
    decided timestamptz not null default clock_timestamp(),
    primary key (name, version, seq_id)
);

-- One row: the tree's size, root and frontier, and the last instant given out. Its lock is the journal's order.
create table if not exists coffrefort.journal_head (
    only_row       boolean primary key default true check (only_row),
    size           bigint not null,
    root           bytea not null,
    frontier       bytea not null,
    last_timestamp timestamptz not null
);

insert into coffrefort.journal_head (size, root, frontier, last_timestamp)
values (0, sha256(''), '', '-infinity') on conflict do nothing;

-- The first result of each append that named a key, so that a repeated call adds nothing.
create table if not exists coffrefort.journal_idempotency (
    key          varchar(200) primary key,
    first_seq_id bigint not null,
    last_seq_id  bigint not null,
    created      timestamptz not null,
    -- Nothing else repeats what this row says: without it a changed key would go unnoticed.
    digest       bytea not null
);

create or replace function coffrefort.idempotency_digest(key varchar, first_seq_id bigint, last_seq_id bigint, created timestamptz) returns bytea
    language sql immutable
    return sha256(int8send(first_seq_id) || int8send(last_seq_id) || timestamptz_send(created) || convert_to(key, 'UTF8'));

create table if not exists coffrefort.journal_tiles (
    level  smallint not null,
    index  bigint not null,
    hashes bytea not null,
    primary key (level, index)
);

-- What the log has published, in order of publication: insert only. A log has one tree; a journal that was restored and accepted goes on as another log.
create table if not exists coffrefort.journal_checkpoints (
    number  bigint generated always as identity primary key,
    origin  text not null,
    size    bigint not null,
    note    text not null,
    created timestamptz not null default clock_timestamp(),
    unique (origin, size)
);

-- RFC 3161 tokens over checkpoints: the imprint is SHA-256 of the note, byte for byte.
create table if not exists coffrefort.journal_timestamps (
    checkpoint bigint primary key references coffrefort.journal_checkpoints (number),
    token      bytea not null,
    stamped    timestamptz not null,
    created    timestamptz not null default clock_timestamp()
);

-- Why a log ended and another began: one note for each log that continues another.
create table if not exists coffrefort.journal_origins (
    origin  text primary key,
    note    text not null,
    created timestamptz not null default clock_timestamp()
);

-- Projections live in a schema of their own: they can be dropped and rebuilt, the journal can't.
create schema if not exists coffrefort_views;
-- What is being rebuilt, until it takes the live one's place.
create schema if not exists coffrefort_views_next;

do $$
begin
    create role coffrefort_app login;
exception when duplicate_object or unique_violation then null;
end $$;

grant usage on schema coffrefort to coffrefort_app;
grant usage, create on schema coffrefort_views, coffrefort_views_next to coffrefort_app;
revoke all on all tables in schema coffrefort from coffrefort_app;
grant select, insert on coffrefort.mt_events to coffrefort_app;
grant select, insert on coffrefort.journal_idempotency, coffrefort.journal_tiles to coffrefort_app;
grant select, insert on coffrefort.journal_checkpoints, coffrefort.journal_timestamps, coffrefort.journal_origins to coffrefort_app;
grant select, insert, update on coffrefort.mt_streams to coffrefort_app;
grant select, insert, update, delete on coffrefort.mt_event_progression, coffrefort.subscriptions, coffrefort.subscription_skips to coffrefort_app;
grant select, update on coffrefort.journal_head to coffrefort_app;
