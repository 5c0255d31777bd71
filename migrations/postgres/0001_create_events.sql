-- Why: the first tables. Events are the truth and are never changed; the other tables hold what lists show, summed
-- up in the same transaction that stores an event, so that no list has to read all events.
--
-- Ids and names are compared byte by byte (collate "C"): their order is then the same on every server and after every
-- upgrade of its locales, which a place in a list must be.

-- What is known of this database itself. The runner keeps `schema_version` here beside its own table: where the two
-- differ, one of them was restored or edited alone.
create table meta (
    key text primary key,
    value text not null
);

comment on table meta is 'What is known of this database itself.';

-- Names this installation: a backup of another one is noticed by it.
insert into meta (key, value) values ('installation_id', gen_random_uuid()::text);

create table events (
    -- Made by the client; the same id is stored once.
    id uuid primary key,
    -- Where it stands in the order: the client's time, or the server's where that clock cannot be right.
    at timestamptz not null,
    -- By the client's clock.
    happened_at timestamptz not null,
    -- By the server's clock.
    received_at timestamptz not null,
    kind text collate "C" not null,
    -- No foreign keys here: an event may come before everything that it belongs to.
    session_id text collate "C",
    workspace text collate "C",
    device text,
    -- JSON as it was sent. Not jsonb: that refuses \u0000 and lone surrogates, and reads numbers.
    data text,
    -- Of what the client sent: two events of one id with different digests are not the same event.
    digest bytea not null
);

-- One session's events, oldest first.
create index events_of_session on events (session_id, at, id) where session_id is not null;

create table sessions (
    id text collate "C" primary key,
    -- Earliest and latest event.
    first_at timestamptz not null,
    last_at timestamptz not null,
    -- Earliest and latest `session.start`, latest `session.end`: a session that starts again after it ended runs again.
    first_start timestamptz,
    last_start timestamptz,
    last_end timestamptz,
    -- The text that was named last, and when: events come in any order.
    workspace text collate "C",
    workspace_at timestamptz,
    device text collate "C",
    device_at timestamptz,
    model text collate "C",
    model_at timestamptz,
    events bigint not null,
    prompts bigint not null,
    tool_uses bigint not null,
    commits bigint not null,
    input_tokens bigint not null,
    output_tokens bigint not null,
    cache_read_tokens bigint not null,
    cache_write_tokens bigint not null,
    -- Billionths of a US dollar: whole numbers add up the same in every order.
    cost_nanos bigint not null
) with (fillfactor = 70); -- Rows change with every batch: room for that on the same page.

create index sessions_by_time on sessions (first_at, id);
create index sessions_of_workspace on sessions (workspace, first_at, id);

-- Which types of events a session has: the list of sessions can be narrowed to one without reading events.
create table session_kinds (
    session_id text collate "C",
    kind text collate "C",
    primary key (session_id, kind)
);

create table workspaces (
    name text collate "C" primary key,
    events bigint not null,
    first_at timestamptz not null,
    last_at timestamptz not null
) with (fillfactor = 50); -- A few rows, changed all the time.

-- Events of a type that begins with `git.`, with the fields of their data that lists show.
create table git_activity (
    -- The event's.
    id uuid primary key,
    at timestamptz not null,
    kind text collate "C" not null,
    workspace text collate "C",
    session_id text collate "C",
    device text,
    repository text,
    branch text,
    sha text,
    subject text,
    additions bigint,
    deletions bigint
);

create index git_activity_by_time on git_activity (at, id);
create index git_activity_of_workspace on git_activity (workspace, at, id);

-- The truth about which blob is a session's transcript. A blob that no row names does not count.
create table transcripts (
    session_id text collate "C" primary key,
    -- Of the bytes that were uploaded, in hexadecimal.
    sha256 text not null,
    -- How many these were.
    bytes bigint not null,
    content_type text not null,
    uploaded_at timestamptz not null,
    -- Name of the blob, and its size, compressed.
    blob_key text collate "C" not null,
    stored_bytes bigint not null
);

-- Before a dropped blob is deleted: whether a row names it.
create index transcripts_of_blob on transcripts (blob_key);

-- Blobs that no row names any more, to be deleted later: those who read them now may finish.
create table dropped_blobs (
    blob_key text collate "C" primary key,
    -- Since when no row names it.
    dropped_at timestamptz not null
);

create index dropped_blobs_by_time on dropped_blobs (dropped_at, blob_key);
