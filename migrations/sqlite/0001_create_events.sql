-- Why: the first tables. Events are the truth and are never changed; the other tables hold what lists show, summed
-- up in the same transaction that stores an event, so that no list has to read all events.
--
-- Times are whole microseconds since 1970, ids are 16 bytes; both sort as they stand.

-- What is known of this database itself. The runner keeps `schema_version` here beside its own table: where the two
-- differ, one of them was restored or edited alone.
create table meta (
    key text primary key,
    value text not null
) strict, without rowid;

-- Names this installation: a backup of another one is noticed by it. A random UUID of version 4.
insert into meta (key, value) values (
    'installation_id',
    lower(
        hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-'
        || substr('89ab', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))
    )
);

create table events (
    -- Made by the client; the same id is stored once.
    id blob primary key not null,
    -- Where it stands in the order: the client's time, or the server's where that clock cannot be right.
    at integer not null,
    -- By the client's clock.
    happened_at integer not null,
    -- By the server's clock.
    received_at integer not null,
    kind text not null,
    -- No foreign keys here: an event may come before everything that it belongs to.
    session_id text,
    workspace text,
    device text,
    -- JSON as it was sent.
    data text,
    -- Of what the client sent: two events of one id with different digests are not the same event.
    digest blob not null
) strict;

-- One session's events, oldest first.
create index events_of_session on events (session_id, at, id) where session_id is not null;

create table sessions (
    id text primary key not null,
    -- Earliest and latest event.
    first_at integer not null,
    last_at integer not null,
    -- Earliest and latest `session.start`, latest `session.end`: a session that starts again after it ended runs again.
    first_start integer,
    last_start integer,
    last_end integer,
    -- The text that was named last, and when: events come in any order.
    workspace text,
    workspace_at integer,
    device text,
    device_at integer,
    model text,
    model_at integer,
    events integer not null,
    prompts integer not null,
    tool_uses integer not null,
    commits integer not null,
    input_tokens integer not null,
    output_tokens integer not null,
    cache_read_tokens integer not null,
    cache_write_tokens integer not null,
    -- Billionths of a US dollar: whole numbers add up the same in every order.
    cost_nanos integer not null
) strict;

create index sessions_by_time on sessions (first_at, id);
create index sessions_of_workspace on sessions (workspace, first_at, id);

-- Which types of events a session has: the list of sessions can be narrowed to one without reading events.
create table session_kinds (
    session_id text not null,
    kind text not null,
    primary key (session_id, kind)
) strict, without rowid;

create table workspaces (
    name text primary key not null,
    events integer not null,
    first_at integer not null,
    last_at integer not null
) strict, without rowid;

-- Events of a type that begins with `git.`, with the fields of their data that lists show.
create table git_activity (
    -- The event's.
    id blob primary key not null,
    at integer not null,
    kind text not null,
    workspace text,
    session_id text,
    device text,
    repository text,
    branch text,
    sha text,
    subject text,
    additions integer,
    deletions integer
) strict;

create index git_activity_by_time on git_activity (at, id);
create index git_activity_of_workspace on git_activity (workspace, at, id);

-- The truth about which blob is a session's transcript. A blob that no row names does not count.
create table transcripts (
    session_id text primary key not null,
    -- Of the bytes that were uploaded, in hexadecimal.
    sha256 text not null,
    -- How many these were.
    bytes integer not null,
    content_type text not null,
    uploaded_at integer not null,
    -- Name of the blob, and its size, compressed.
    blob_key text not null,
    stored_bytes integer not null
) strict;

-- Before a dropped blob is deleted: whether a row names it.
create index transcripts_of_blob on transcripts (blob_key);

-- Blobs that no row names any more, to be deleted later: those who read them now may finish.
create table dropped_blobs (
    blob_key text primary key not null,
    -- Since when no row names it.
    dropped_at integer not null
) strict, without rowid;

create index dropped_blobs_by_time on dropped_blobs (dropped_at, blob_key);
