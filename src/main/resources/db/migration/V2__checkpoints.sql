-- How far each consumer has processed a source. The source may be one that is declared in a file, so there is
-- no reference to the table of the saved ones. Types are those that H2 and MySQL both know.
CREATE TABLE checkpoint (
    source_id VARCHAR(64)   NOT NULL,
    consumer  VARCHAR(64)   NOT NULL,
    token     VARCHAR(4096) NOT NULL,
    -- milliseconds since 1970
    updated   BIGINT        NOT NULL,
    PRIMARY KEY (source_id, consumer)
);
