-- A token of a snapshot holds the last row's key: up to 6,200 characters by now, with room for more.
ALTER TABLE checkpoint ALTER COLUMN token TYPE VARCHAR(16000);
