-- Checkpoints belong to the caller who stored them; the empty text stands for all configured tokens together.
ALTER TABLE checkpoint ADD COLUMN owner VARCHAR(300) DEFAULT '' NOT NULL;
ALTER TABLE checkpoint DROP PRIMARY KEY;
ALTER TABLE checkpoint ADD PRIMARY KEY (source_id, consumer, owner);
