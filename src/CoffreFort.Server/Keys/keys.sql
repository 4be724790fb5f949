-- The key database: wrapped keys only, apart from the journal, with backups and a retention of its own. Every statement may be run again.
create table if not exists epoch_keys (
    epoch       integer primary key,          -- year and month of its beginning: 202611
    root_key_id varchar(200) not null,
    wrapped     bytea not null,
    created     timestamptz not null default clock_timestamp()
);

create table if not exists vault_keys (
    vault      uuid not null,
    generation integer not null check (generation > 0),
    epoch      integer not null references epoch_keys,
    wrapped    bytea not null,
    created    timestamptz not null default clock_timestamp(),
    primary key (vault, generation)
);

create table if not exists object_keys (
    purpose    smallint not null check (purpose in (2, 3, 4)),  -- document, subject, commitment
    object     uuid not null,
    version    integer not null check (version > 0),
    -- The one ciphertext it is for: two uploads may race for the same version, and only one becomes it. Empty for subject keys.
    blob       varchar(64) not null default '',
    vault      uuid not null,
    generation integer not null,
    wrapped    bytea not null,
    created    timestamptz not null default clock_timestamp(),
    primary key (purpose, object, version, blob),
    foreign key (vault, generation) references vault_keys
);
create index if not exists object_keys_of_vault on object_keys (vault, generation);
-- What the sweeper asks by: of a blob that nobody names it knows nothing else.
create index if not exists object_keys_of_blob on object_keys (blob) where blob <> '';

-- Epochs that no vault key needs any more. The root's key is destroyed after that: gone_after is null until then.
create table if not exists ended_epochs (
    epoch       integer primary key,
    root_key_id text not null,
    ended       timestamptz not null default clock_timestamp(),
    gone_after  timestamptz
);

-- What was done and is on its way into the journal: written with its effect, deleted once it is recorded there.
create table if not exists key_acts (
    id      uuid primary key,
    kind    varchar(50) not null,
    body    text not null,
    account text,
    created timestamptz not null default clock_timestamp()
);

create or replace function note_spent_vault_keys() returns trigger language plpgsql as $$
begin
    update vault_keys v set spent = true from (select distinct vault, generation from gone) g
    where v.vault = g.vault and v.generation = g.generation and not v.spent;
    return null;
end $$;

-- What came later. Once only: to ask for a column that is there would wait for every reader all the same, and hold up those behind.
do $$
begin
    if exists (select from pg_attribute where attrelid = 'vault_keys'::regclass and attname = 'spent') then
        return;
    end if;
    alter table epoch_keys alter column root_key_id type text;
    -- How far its vault keys were taken over into another epoch: counts that survive a kill.
    alter table epoch_keys add column rewrapped bigint not null default 0, add column replaced bigint not null default 0, add column object_keys bigint not null default 0;
    -- A child of it was destroyed: at its epoch's end it is not taken over, but replaced. Unknown of those that were there before.
    alter table vault_keys add column spent boolean not null default true;
    alter table vault_keys alter column spent set default false;
    create index vault_keys_of_epoch on vault_keys (epoch, vault, generation);
    -- An old backup holds the child that is deleted here, and its parent would open it: so the parent is marked in the same transaction.
    create trigger object_keys_gone after delete on object_keys referencing old table as gone for each statement execute function note_spent_vault_keys();
end $$;

do $$
begin
    create role coffrefort_app login;
exception when duplicate_object or unique_violation then null;
end $$;

grant select, insert, delete on epoch_keys, vault_keys, object_keys, ended_epochs, key_acts to coffrefort_app;
-- Only what taking a key over to another parent changes: never whose key it is, or what for.
grant update (rewrapped, replaced, object_keys) on epoch_keys to coffrefort_app;
grant update (epoch, wrapped, spent) on vault_keys to coffrefort_app;
grant update (generation, wrapped) on object_keys to coffrefort_app;
grant update (gone_after) on ended_epochs to coffrefort_app;
