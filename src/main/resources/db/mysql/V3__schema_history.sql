-- What the tables of each server looked like at each place of its binlog, where the binlog itself has no names.
-- Types are those that H2 and MySQL both know.
CREATE TABLE schema_history (
    -- a number made of the server's uuid
    server         BIGINT   NOT NULL PRIMARY KEY,
    -- another one after each statement that changed something: who writes has to know it
    revision       BIGINT   NOT NULL,
    -- a JSON object: version, collations, the way with names
    names          LONGTEXT NOT NULL,
    -- a JSON object: the databases' default collations at the end of what is known
    collations     LONGTEXT NOT NULL,
    from_file      BIGINT   NOT NULL,
    from_offset    BIGINT   NOT NULL,
    -- all statements of transactions that start before it are in
    through_file   BIGINT   NOT NULL,
    through_offset BIGINT   NOT NULL,
    -- when that file was begun, in seconds since 1970
    through_created INT      NOT NULL
);

CREATE TABLE schema_version (
    server      BIGINT      NOT NULL,
    file_number BIGINT      NOT NULL,
    file_offset BIGINT      NOT NULL,
    -- names in UTF-8, which no collation takes for others
    schema_name VARBINARY(256) NOT NULL,
    table_name  VARBINARY(256) NOT NULL,
    -- a JSON object; without it the table is gone from here on, or lost
    definition  LONGTEXT,
    -- why nobody knows what the table looks like
    lost        VARCHAR(2000),
    PRIMARY KEY (server, file_number, file_offset, schema_name, table_name)
);
