-- Checkpoints belong to the caller who stored them; the empty text stands for all configured tokens together.
-- Pages of checkpoints are in the order of the characters' codes, as in the other databases. That order does not
-- change with the system's libraries either, as those of languages do.
ALTER TABLE checkpoint
    ALTER COLUMN source_id TYPE VARCHAR(64) COLLATE "C",
    ALTER COLUMN consumer TYPE VARCHAR(64) COLLATE "C",
    ADD COLUMN owner VARCHAR(300) COLLATE "C" DEFAULT '' NOT NULL,
    DROP CONSTRAINT checkpoint_pkey,
    ADD PRIMARY KEY (source_id, consumer, owner);
