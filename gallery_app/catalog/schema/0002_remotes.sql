-- Remote sources: how they are reached, what they listed, what their pictures belong to.

ALTER TABLE source ADD COLUMN options TEXT NOT NULL DEFAULT '{}';   -- JSON object of text
ALTER TABLE source ADD COLUMN sealed BLOB;                          -- the key, encrypted (storage.vault)
ALTER TABLE source ADD COLUMN cursor TEXT NOT NULL DEFAULT '';      -- the connector's own
ALTER TABLE source ADD COLUMN paused INTEGER NOT NULL DEFAULT 0;
ALTER TABLE source ADD COLUMN next_sync_at INTEGER;
ALTER TABLE source ADD COLUMN walked_at INTEGER;                    -- end of the last complete walk
ALTER TABLE source ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;  -- in a row
ALTER TABLE source ADD COLUMN resume_at INTEGER;                    -- not asked before: the breaker is open
ALTER TABLE source ADD COLUMN facts TEXT NOT NULL DEFAULT '{}';     -- JSON object of text: version, plan...

ALTER TABLE asset ADD COLUMN remote INTEGER NOT NULL DEFAULT 0;     -- 1: only remote sources have its bytes
ALTER TABLE asset ADD COLUMN stand_in BLOB;                         -- 32 bytes: names its renditions while sha256 is unknown

CREATE INDEX asset_sha1 ON asset (sha1) WHERE sha1 IS NOT NULL;
CREATE INDEX asset_unhashed ON asset (size_bytes) WHERE sha1 IS NULL AND status = 1 AND remote = 0;

-- What only remotes have is not rendered from a file, and must not be passed over at every claim.
DROP INDEX asset_to_render;
DROP INDEX asset_exhausted;
CREATE INDEX asset_to_render ON asset (taken_at) WHERE status = 0 AND remote = 0;
CREATE INDEX asset_exhausted ON asset (attempts) WHERE status = 0 AND remote = 0 AND attempts >= 3;

-- Merging an asset into another asks for its downloads, and a library's remote twins are many.
CREATE INDEX download_asset ON download (asset_id) WHERE asset_id IS NOT NULL;

-- One picture as a remote lists it. The row is there before any byte, and is the queue of what
-- is still to be fetched.
CREATE TABLE remote_image (
    source_id    INTEGER NOT NULL REFERENCES source (id),
    key          TEXT NOT NULL,
    parent       TEXT NOT NULL,           -- what it was listed under
    state        INTEGER NOT NULL,        -- 0 wanted, 1 held, 2 refused, 3 gone
    filename     TEXT NOT NULL,
    content_type TEXT,                    -- as the remote claims
    size_bytes   INTEGER,
    created_at   INTEGER,
    modified_at  INTEGER,
    newness      INTEGER NOT NULL,        -- modified_at, else created_at, else when first listed
    version      TEXT NOT NULL,
    page         TEXT,                    -- its page at the remote, for people
    sha1         BLOB,                    -- 20 bytes
    private      INTEGER NOT NULL,
    visibility   TEXT NOT NULL,
    said         TEXT,                    -- JSON: what was last said of it there
    attribution  TEXT,                    -- JSON: source, page, licence, creator
    live_video   TEXT,
    focus_x      REAL,                    -- 0 to 1
    focus_y      REAL,
    told         BLOB NOT NULL,           -- 16 bytes: hash of all that was listed of it
    asset_id     INTEGER REFERENCES asset (id),
    listed_at    INTEGER NOT NULL,        -- last time the remote told of it
    fetched_at   INTEGER,                 -- when its bytes, or a preview, came
    attempts     INTEGER NOT NULL DEFAULT 0,
    run_after    INTEGER,
    lease_until  INTEGER,
    error        TEXT,                    -- a sentence
    PRIMARY KEY (source_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX remote_image_parent
    ON remote_image (source_id, parent, state, newness, key, asset_id, private);
-- With all that a claim asks, so that what was postponed is passed over without being read.
CREATE INDEX remote_image_wanted
    ON remote_image (source_id, newness, run_after, lease_until, state) WHERE state = 0;
CREATE INDEX remote_image_refused ON remote_image (source_id) WHERE state = 2;
CREATE INDEX remote_image_private ON remote_image (source_id) WHERE private = 1;
CREATE INDEX remote_image_asset ON remote_image (asset_id) WHERE asset_id IS NOT NULL;

-- Rows per source and state, kept by triggers, so that a page of sources counts nothing.
CREATE TABLE remote_count (
    source_id INTEGER NOT NULL,
    state     INTEGER NOT NULL,
    rows      INTEGER NOT NULL,
    PRIMARY KEY (source_id, state)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER remote_image_new AFTER INSERT ON remote_image BEGIN
    INSERT INTO remote_count (source_id, state, rows) VALUES (new.source_id, new.state, 1)
        ON CONFLICT (source_id, state) DO UPDATE SET rows = rows + 1;
END;

CREATE TRIGGER remote_image_changed AFTER UPDATE OF state ON remote_image
WHEN old.state <> new.state BEGIN
    UPDATE remote_count SET rows = rows - 1 WHERE source_id = old.source_id AND state = old.state;
    INSERT INTO remote_count (source_id, state, rows) VALUES (new.source_id, new.state, 1)
        ON CONFLICT (source_id, state) DO UPDATE SET rows = rows + 1;
END;

CREATE TABLE entity (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id INTEGER NOT NULL REFERENCES source (id),
    type      TEXT NOT NULL,              -- domain.entities.ENTITY_TYPES
    ref       TEXT NOT NULL,              -- the remote's own id
    name      TEXT NOT NULL,
    folded    TEXT NOT NULL,              -- name, case folded
    url       TEXT,
    UNIQUE (source_id, type, ref)
) STRICT;

CREATE INDEX entity_ref ON entity (type, ref);
CREATE INDEX entity_name ON entity (type, folded);

-- What a picture belongs to, by the source that says so.
CREATE TABLE occurrence_entity (
    source_id INTEGER NOT NULL,
    key       TEXT NOT NULL,
    entity_id INTEGER NOT NULL REFERENCES entity (id),
    found     INTEGER NOT NULL,           -- 1: read from its name or picture by us, 0: told by the source
    PRIMARY KEY (source_id, key, entity_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX occurrence_entity_entity ON occurrence_entity (entity_id);

-- Answers of remotes that may be given again for a while (3 hours).
CREATE TABLE kept_answer (
    name       TEXT PRIMARY KEY,          -- what was asked, of which source
    body       TEXT NOT NULL,             -- JSON
    made_at    INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX kept_answer_expiry ON kept_answer (expires_at);

CREATE TABLE product (
    gtin        TEXT PRIMARY KEY,         -- 14 digits
    given       TEXT NOT NULL,            -- as it was typed
    name        TEXT NOT NULL DEFAULT '',
    description TEXT NOT NULL DEFAULT '',
    asked_at    INTEGER NOT NULL,
    looked_at   INTEGER,                  -- when the databases were last asked to an end
    found       INTEGER NOT NULL DEFAULT 0,
    partial     INTEGER NOT NULL DEFAULT 0  -- a database had not answered then: there may be more
) STRICT, WITHOUT ROWID;

CREATE TABLE frame (
    name       TEXT PRIMARY KEY,          -- part of its address
    query      TEXT NOT NULL,             -- the search language; "smart:" before it asks Immich
    width      INTEGER NOT NULL,          -- px
    height     INTEGER NOT NULL,          -- px
    interval_s INTEGER NOT NULL,
    key        TEXT NOT NULL,             -- secret part of its address for others
    created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
