-- How far each consumer has processed a source. The source may be one that is declared in a file, so there is
-- no reference to the table of the saved ones.
CREATE TABLE checkpoint (
    source_id VARCHAR(64)              NOT NULL,
    consumer  VARCHAR(64)              NOT NULL,
    token     VARCHAR(4096)            NOT NULL,
    updated   TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (source_id, consumer)
);
