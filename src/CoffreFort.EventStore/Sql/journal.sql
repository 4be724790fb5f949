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

-- What is to be sent to the outside: written in the transaction of the effects that it tells of, sent afterwards, at least once, under one id.
create table if not exists coffrefort.outbox (
    id          uuid primary key,
    destination varchar(100) not null,
    type        varchar(200) not null,
    body        text not null,
    state       varchar(10) not null default 'waiting' check (state in ('waiting', 'sent', 'dead')),
    created     timestamptz not null default clock_timestamp(),
    due         timestamptz not null default clock_timestamp(),
    attempts    integer not null default 0,
    problem     varchar(500),
    ended       timestamptz
);
create index if not exists outbox_due on coffrefort.outbox (due) where state = 'waiting';

-- One row: the tree's size, root and frontier, and the last instant given out. Its lock is the journal's order.
create table if not exists coffrefort.journal_head (
    only_row       boolean primary key default true check (only_row),
    size           bigint not null,
    root           bytea not null,
    frontier       bytea not null,
    last_timestamp timestamptz not null
);

-- Raised whenever a node finds out what became of its group: what it had sent, and might still arrive, then finds another fence and writes nothing.
alter table coffrefort.journal_head add column if not exists fence bigint not null default 0;

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

-- Data folders from before these columns: the keys get theirs; tiles and checkpoints had no writer yet; views are made anew.
do $$
begin
    if not exists (select from information_schema.columns where table_schema = 'coffrefort' and table_name = 'journal_idempotency' and column_name = 'digest') then
        alter table coffrefort.journal_idempotency add column digest bytea;
        update coffrefort.journal_idempotency set digest = coffrefort.idempotency_digest(key, first_seq_id, last_seq_id, created);
        alter table coffrefort.journal_idempotency alter column digest set not null;
    end if;
    if not exists (select from information_schema.columns where table_schema = 'coffrefort' and table_name = 'journal_tiles' and column_name = 'root') then
        drop table if exists coffrefort.journal_tiles;
    end if;
    if not exists (select from information_schema.columns where table_schema = 'coffrefort' and table_name = 'journal_checkpoints' and column_name = 'number') then
        drop table if exists coffrefort.journal_checkpoints;
    end if;
    -- Views whose version nobody wrote down are made anew from the journal.
    if exists (select from coffrefort.mt_event_progression) and not exists (select from coffrefort.subscriptions) then
        drop schema if exists coffrefort_views cascade;
        delete from coffrefort.mt_event_progression;
    end if;
end $$;

-- Writes one group of appends, in one round trip: all of it, or an error and nothing. The writer says what it takes for granted
-- (how the head stands, which version each stream and each guard has, that the keys are new); everything is verified here,
-- under the head's lock. Gives the clock, so that the writer knows how far its own is from it.
create or replace function coffrefort.journal_append(
    size_before bigint, root_before bytea, fence_before bigint, patience interval, clock_offset interval,
    size_after bigint, root_after bytea, frontier_after bytea, at timestamptz,
    new_ids uuid[], new_types varchar[], new_versions bigint[],
    moved_ids uuid[], moved_types varchar[], moved_from bigint[], moved_to bigint[],
    guard_ids uuid[], guard_versions bigint[],
    keys varchar[], keys_first bigint[], keys_last bigint[],
    event_ids uuid[], event_streams uuid[], event_versions bigint[], event_data json[], event_types varchar[], dotnet_types varchar[],
    correlations varchar[], causations varchar[], event_headers json[], users varchar[], leaf_hashes bytea[])
returns timestamptz language plpgsql as $append$
declare
    moved_count bigint;
begin
    -- The time is an instant of this clock: never in its future, never before the last event, and not older than the patience.
    -- Found by its key: while somebody keeps an old snapshot, the row leaves many dead ones behind, and the table would be read through.
    update coffrefort.journal_head h
    set size = size_after, root = root_after, frontier = frontier_after, last_timestamp = at
    where h.only_row and h.size = size_before and h.root = root_before and h.fence = fence_before and at >= h.last_timestamp
      and at <= greatest(clock_timestamp() + clock_offset, h.last_timestamp)
      and at >= clock_timestamp() + clock_offset - patience;
    if not found then
        raise exception 'The head or the clock is not where the writer took it to be.' using errcode = 'CF001';
    end if;

    -- A stream that exists already violates the primary key.
    if cardinality(new_ids) > 0 then
        insert into coffrefort.mt_streams (id, type, version, timestamp, created)
        select n.id, n.type, n.version, at, at from unnest(new_ids, new_types, new_versions) as n(id, type, version);
    end if;

    if cardinality(moved_ids) > 0 then
        -- Most lone appends move one stream: by its key, without a join (docs/performance.md).
        if cardinality(moved_ids) = 1 then
            update coffrefort.mt_streams s set version = moved_to[1], timestamp = at
            where s.id = moved_ids[1] and s.version = moved_from[1] and s.type = moved_types[1];
        else
            update coffrefort.mt_streams s set version = m.after, timestamp = at
            from unnest(moved_ids, moved_types, moved_from, moved_to) as m(id, type, before, after)
            where s.id = m.id and s.version = m.before and s.type = m.type;
        end if;
        get diagnostics moved_count = row_count;
        if moved_count <> cardinality(moved_ids) then
            raise exception 'A stream is not where the writer took it to be.' using errcode = 'CF001';
        end if;
    end if;

    if cardinality(guard_ids) > 0 and exists (
        select from unnest(guard_ids, guard_versions) as g(id, version)
        where g.version <> coalesce((select s.version from coffrefort.mt_streams s where s.id = g.id), 0)) then
        raise exception 'A guarded stream is not where the writer took it to be.' using errcode = 'CF001';
    end if;

    -- A key that was used already violates the primary key.
    if cardinality(keys) > 0 then
        insert into coffrefort.journal_idempotency (key, first_seq_id, last_seq_id, created, digest)
        select k.key, k.first, k.last, at, coffrefort.idempotency_digest(k.key, k.first, k.last, at) from unnest(keys, keys_first, keys_last) as k(key, first, last);
    end if;

    insert into coffrefort.mt_events
        (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, correlation_id, causation_id, headers, user_name, leaf_hash)
    select size_before + e.place, e.id, e.stream_id, e.version, e.data, e.type, at, e.dotnet_type, e.correlation, e.causation, e.headers, e.user_name, e.leaf_hash
    from unnest(event_ids, event_streams, event_versions, event_data, event_types, dotnet_types, correlations, causations, event_headers, users, leaf_hashes)
        with ordinality as e(id, stream_id, version, data, type, dotnet_type, correlation, causation, headers, user_name, leaf_hash, place);

    perform pg_notify('coffrefort_journal', size_after::text);
    return clock_timestamp();
end
$append$;

-- Full tiles of the hash tree: insert only. The root (of the tile's hashes) repeats what they say, so that the tile above is read without reading 256 whole ones.
create table if not exists coffrefort.journal_tiles (
    level  smallint not null,
    index  bigint not null,
    hashes bytea not null,
    root   bytea not null,
    primary key (level, index)
);

-- What the log has published, in order of publication: insert only. A log has one tree; a journal that was restored and accepted goes on as another log.
create table if not exists coffrefort.journal_checkpoints (
    number  bigint generated always as identity primary key,
    origin  text not null,
    size    bigint not null,
    note    text not null,
    created timestamptz not null default clock_timestamp(),
    -- SHA-256 of the note, here and below: a bit that rots in what only others could verify (a witness's line, a certificate in a token) is noticed too.
    digest  bytea not null,
    unique (origin, size)
);

-- RFC 3161 tokens over checkpoints: the imprint is SHA-256 of the note, byte for byte.
create table if not exists coffrefort.journal_timestamps (
    checkpoint bigint primary key references coffrefort.journal_checkpoints (number),
    token      bytea not null,
    stamped    timestamptz not null,
    created    timestamptz not null default clock_timestamp(),
    digest     bytea not null
);

-- Why a log ended and another began: one note for each log that continues another.
create table if not exists coffrefort.journal_origins (
    origin  text primary key,
    note    text not null,
    created timestamptz not null default clock_timestamp(),
    digest  bytea not null
);

-- Data folders from before the digests.
do $$
declare
    kept record;
begin
    for kept in
        select t.name, t.content from (values
            ('journal_checkpoints', 'convert_to(note, ''UTF8'')'), ('journal_timestamps', 'token'), ('journal_origins', 'convert_to(note, ''UTF8'')')) as t(name, content)
        where not exists (select from information_schema.columns c where c.table_schema = 'coffrefort' and c.table_name = t.name and c.column_name = 'digest')
    loop
        execute format('alter table coffrefort.%I add column digest bytea', kept.name);
        execute format('update coffrefort.%I set digest = sha256(%s)', kept.name, kept.content);
        execute format('alter table coffrefort.%I alter column digest set not null', kept.name);
    end loop;
end $$;

-- Where the integrity sweep stands, and what it has found damaged: tables, keys of rows and names of blobs only.
create table if not exists coffrefort.integrity_sweep (
    only_row boolean primary key default true check (only_row),
    position bigint not null,
    began    timestamptz,
    ended    timestamptz
);

create table if not exists coffrefort.integrity_findings (
    area varchar not null,
    thing varchar not null,
    what  varchar not null,
    seen  timestamptz not null,
    primary key (area, thing)
);

-- What is the matter, and since when: noted by whichever node sees it, and told to the operator once.
create table if not exists coffrefort.problems (
    code    varchar not null,
    subject varchar not null,
    since   timestamptz not null,
    seen    timestamptz not null default clock_timestamp(),
    primary key (code, subject)
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
grant select, insert, update, delete on coffrefort.mt_event_progression, coffrefort.subscriptions, coffrefort.subscription_skips, coffrefort.outbox to coffrefort_app;
grant select, update on coffrefort.journal_head to coffrefort_app;
grant select, insert, update, delete on coffrefort.integrity_sweep, coffrefort.integrity_findings, coffrefort.problems to coffrefort_app;
