-- Histories were kept by the server's number alone, which several servers may share. Those that are there cannot
-- be told to be of one server: they begin again.
DELETE FROM schema_version;
DELETE FROM schema_history;

-- The column `server` holds a number made of the address and the server's number from here on.
-- What stands right before the place up to which statements are known: how many bytes, and their checksum.
ALTER TABLE schema_history ADD COLUMN through_length INT DEFAULT 0 NOT NULL;
ALTER TABLE schema_history ADD COLUMN through_checksum INT DEFAULT 0 NOT NULL;

-- When the server began each file whose statements are in a history, in seconds since 1970.
CREATE TABLE schema_file (
    server      BIGINT NOT NULL,
    file_number BIGINT NOT NULL,
    created     INT    NOT NULL,
    PRIMARY KEY (server, file_number)
);
