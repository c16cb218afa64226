-- Whether a database had not answered when the others were asked: there may be more.
ALTER TABLE product ADD COLUMN partial INTEGER NOT NULL DEFAULT 0;
