-- Changes of so many pictures that they are written in pieces: what is left of each, so that it
-- goes on where it stood when the program was ended.

CREATE TABLE unfinished (
    kind   TEXT NOT NULL,                 -- words (of an entity's pictures), remove or restore (a source)
    number INTEGER NOT NULL,              -- the entity's or the source's id
    after  TEXT NOT NULL,                 -- the last key that is done, '' none
    facts  TEXT NOT NULL,                 -- JSON object: what else the kind has to know
    PRIMARY KEY (kind, number)
) STRICT, WITHOUT ROWID;
