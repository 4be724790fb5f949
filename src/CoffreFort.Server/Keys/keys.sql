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

do $$
begin
    create role coffrefort_app login;
exception when duplicate_object or unique_violation then null;
end $$;

grant select, insert, delete on epoch_keys, vault_keys, object_keys to coffrefort_app;
