-- Units: *_at are UTC milliseconds since 1970 unless a comment says "local"; *_s are seconds;
-- sizes of pictures are px after orientation; booleans are 0 or 1.

CREATE TABLE counter (
    name  TEXT PRIMARY KEY,               -- "revision": raised by every change a listing shows
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO counter (name, value) VALUES ('revision', 0);

CREATE TABLE source (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    kind         TEXT NOT NULL,           -- folder, uploads
    name         TEXT NOT NULL,
    address      TEXT NOT NULL,           -- absolute path, "" for uploads
    state        TEXT NOT NULL,           -- online, scanning, offline, attention
    error        TEXT,                    -- a sentence with the remedy
    added_at     INTEGER NOT NULL,
    last_scan_at INTEGER,
    last_scan_s  REAL,
    removed_at   INTEGER,
    device       INTEGER,                 -- st_dev of the root when last proven present
    inode        INTEGER,                 -- st_ino of the root, unsigned 64 bit stored signed
    UNIQUE (kind, address)
) STRICT;

CREATE TABLE folder (
    id        INTEGER PRIMARY KEY,
    source_id INTEGER NOT NULL REFERENCES source (id),
    path      TEXT NOT NULL,              -- from the source's root, "/" between parts, "" the root
    UNIQUE (source_id, path)
) STRICT;

CREATE TABLE camera (
    id    INTEGER PRIMARY KEY,
    make  TEXT NOT NULL,                  -- "" when the file does not say
    model TEXT NOT NULL,                  -- "" when the file does not say
    UNIQUE (make, model)
) STRICT;

CREATE TABLE asset (
    id               INTEGER PRIMARY KEY AUTOINCREMENT,  -- never leaves, never used twice
    uid              BLOB NOT NULL UNIQUE,               -- 16 random bytes
    filename         TEXT NOT NULL,
    name_key         TEXT NOT NULL,       -- filename, case folded: the order by name
    media_type       INTEGER NOT NULL,    -- position in domain.media.MEDIA_CODES
    width            INTEGER NOT NULL,    -- 0 unknown
    height           INTEGER NOT NULL,    -- 0 unknown
    size_bytes       INTEGER NOT NULL,
    mtime_ns         INTEGER NOT NULL,    -- of the file when it was read
    status           INTEGER NOT NULL,    -- 0 described, 1 ready, 2 unreadable, 3 missing
    attempts         INTEGER NOT NULL DEFAULT 0,  -- renders begun since it was last described
    version          INTEGER NOT NULL DEFAULT 0,  -- raised when the picture itself changes
    added_at         INTEGER NOT NULL,
    taken_at         INTEGER NOT NULL,    -- local wall time, ms since 1970 as if it were UTC
    quick_hash       BLOB NOT NULL,       -- 16 bytes
    sha256           BLOB,                -- 32 bytes, known once read whole
    sha1             BLOB,                -- 20 bytes
    phash            INTEGER,             -- 64 bit perceptual hash, stored signed
    colour           INTEGER,             -- 0xRRGGBB
    placeholder      BLOB,                -- ThumbHash
    animated         INTEGER NOT NULL DEFAULT 0,
    truncated        INTEGER NOT NULL DEFAULT 0,
    duration_s       REAL,
    problem_code     TEXT,
    problem_sentence TEXT,
    stored_key       TEXT,                -- in originals/, NULL: only in its sources
    file_taken_at    INTEGER,             -- what the file itself says, local ms
    taken_from       TEXT,
    taken_field      TEXT,
    offset_minutes   INTEGER,             -- east of UTC
    camera_id        INTEGER REFERENCES camera (id),
    lens             TEXT,
    iso              INTEGER,
    f_number         REAL,
    exposure_s       REAL,
    focal_mm         REAL,
    latitude         REAL,                -- degrees north
    longitude        REAL,                -- degrees east
    altitude_m       REAL,
    orientation      INTEGER NOT NULL,    -- EXIF 1 to 8, as stored in the file
    file_rating      INTEGER,             -- 0 to 5
    file_title       TEXT,
    file_caption     TEXT,
    keywords         TEXT,                -- JSON array of text
    place            TEXT,
    creator          TEXT,
    copyright        TEXT,
    software         TEXT,
    title            TEXT,                -- from here on what the user said; NULL: nothing
    caption          TEXT,
    alt_text         TEXT,
    rating           INTEGER,             -- 0 to 5
    favourite        INTEGER NOT NULL DEFAULT 0,
    tags_said        INTEGER NOT NULL DEFAULT 0,  -- 0: tags follow the file's keywords
    trashed_at       INTEGER
) STRICT;

CREATE UNIQUE INDEX asset_sha256 ON asset (sha256) WHERE sha256 IS NOT NULL;
CREATE INDEX asset_quick_hash ON asset (quick_hash);
CREATE INDEX asset_name ON asset (name_key);
CREATE INDEX asset_to_render ON asset (taken_at) WHERE status = 0;
CREATE INDEX asset_exhausted ON asset (attempts) WHERE status = 0 AND attempts >= 3;

-- The uid of an asset that turned out to be another one's copy still leads to that other one.
CREATE TABLE merged_asset (
    uid      BLOB PRIMARY KEY,            -- 16 bytes
    old_id   INTEGER NOT NULL,            -- its id while it was an asset
    asset_id INTEGER NOT NULL REFERENCES asset (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX merged_asset_into ON merged_asset (asset_id);

CREATE TABLE occurrence (
    source_id  INTEGER NOT NULL REFERENCES source (id),
    key        TEXT NOT NULL,             -- the source's own name for it
    asset_id   INTEGER REFERENCES asset (id),  -- NULL: looked at, not a picture
    folder_id  INTEGER NOT NULL REFERENCES folder (id),
    size_bytes INTEGER NOT NULL,
    mtime_ns   INTEGER NOT NULL,
    inode      INTEGER NOT NULL,          -- unsigned 64 bit stored signed
    first_seen INTEGER NOT NULL,
    gone_at    INTEGER,                   -- since when the source offers it no more
    PRIMARY KEY (source_id, key)
) STRICT, WITHOUT ROWID;

CREATE INDEX occurrence_asset ON occurrence (asset_id);

CREATE TABLE tag (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,                 -- as first spelt
    folded TEXT NOT NULL UNIQUE           -- case folded: what makes two tags the same
) STRICT;

CREATE TABLE asset_tag (
    asset_id INTEGER NOT NULL REFERENCES asset (id),
    tag_id   INTEGER NOT NULL REFERENCES tag (id),
    PRIMARY KEY (asset_id, tag_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX asset_tag_tag ON asset_tag (tag_id);

-- The words each asset is indexed under, kept because a contentless index must be told the
-- old text to forget it.
CREATE TABLE asset_text (
    asset_id INTEGER PRIMARY KEY,
    words    TEXT NOT NULL                -- domain.text.search_text
) STRICT;

CREATE VIRTUAL TABLE asset_words USING fts5 (
    words, content='', tokenize='ascii', detail=none, columnsize=0, prefix='1 2 3'
);

CREATE TABLE job (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    kind        TEXT NOT NULL,
    dedup_key   TEXT NOT NULL,
    subject     TEXT NOT NULL,
    state       TEXT NOT NULL,            -- ready, running, done, failed
    attempts    INTEGER NOT NULL DEFAULT 0,
    priority    INTEGER NOT NULL DEFAULT 0,  -- lower first
    created_at  INTEGER NOT NULL,
    updated_at  INTEGER NOT NULL,
    run_after   INTEGER,
    lease_until INTEGER,
    payload     TEXT NOT NULL DEFAULT '{}',  -- JSON object
    progress    TEXT NOT NULL DEFAULT '{}',  -- JSON object of whole numbers
    error       TEXT,
    asset_uid   TEXT
) STRICT;

CREATE UNIQUE INDEX job_open ON job (dedup_key) WHERE state IN ('ready', 'running');
CREATE INDEX job_failed ON job (dedup_key) WHERE state = 'failed';
CREATE INDEX job_next ON job (priority, id) WHERE state = 'ready';
CREATE INDEX job_lease ON job (lease_until) WHERE state = 'running';

CREATE TABLE share_link (
    id           TEXT PRIMARY KEY,        -- 16 Crockford base32 digits
    rendition    TEXT NOT NULL,
    created_at   INTEGER NOT NULL,
    expires_at   INTEGER NOT NULL,
    note         TEXT NOT NULL,
    max_views    INTEGER,
    views        INTEGER NOT NULL DEFAULT 0,
    bytes_sent   INTEGER NOT NULL DEFAULT 0,
    last_used_at INTEGER,
    revoked_at   INTEGER,
    expiry_seen  INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE share_link_asset (
    link_id  TEXT NOT NULL REFERENCES share_link (id),
    position INTEGER NOT NULL,
    asset_id INTEGER NOT NULL REFERENCES asset (id),
    PRIMARY KEY (link_id, position)
) STRICT, WITHOUT ROWID;

CREATE INDEX share_link_asset_asset ON share_link_asset (asset_id);

CREATE TABLE download (
    id        INTEGER PRIMARY KEY AUTOINCREMENT,
    at        INTEGER NOT NULL,
    link_id   TEXT,
    asset_id  INTEGER,
    rendition TEXT NOT NULL,
    bytes     INTEGER NOT NULL,
    client    TEXT NOT NULL,
    refused   TEXT                        -- the error code of a refusal
) STRICT;

CREATE INDEX download_link ON download (link_id, id);
