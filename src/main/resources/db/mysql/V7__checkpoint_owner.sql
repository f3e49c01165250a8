-- Checkpoints belong to the caller who stored them; the empty text stands for all configured tokens together.
-- The token leaves the row, which would be too large for MySQL with one more column.
ALTER TABLE checkpoint
    MODIFY COLUMN token TEXT NOT NULL,
    ADD COLUMN owner VARCHAR(300) DEFAULT '' NOT NULL,
    DROP PRIMARY KEY,
    ADD PRIMARY KEY (source_id, consumer, owner);
