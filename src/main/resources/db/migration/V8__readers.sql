-- Callers that see a part of the data. Types are those that H2 and MySQL both know.
CREATE TABLE feed_reader (
    name        VARCHAR(64) NOT NULL PRIMARY KEY,
    -- SHA-256 of the secret, in hexadecimal digits
    secret_hash VARCHAR(64) NOT NULL UNIQUE,
    -- the grant, a JSON object
    document    LONGTEXT    NOT NULL,
    -- milliseconds since 1970
    created     BIGINT      NOT NULL
);

-- Counts the changes of the table above, so that each instance notices one.
CREATE TABLE feed_reader_change (
    id     INT    NOT NULL PRIMARY KEY,
    number BIGINT NOT NULL
);
INSERT INTO feed_reader_change (id, number) VALUES (1, 0);
