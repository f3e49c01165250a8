-- Which server a source was read from, one after the other, so that offsets of its stream sort. A row never changes,
-- and stays when its source is deleted: another source of the same name continues. Types are those that H2 and MySQL
-- both know.
CREATE TABLE stream_epoch (
    source_id   VARCHAR(128) NOT NULL,
    -- from 1
    epoch       INT          NOT NULL,
    -- a number made of the server's uuid
    server      BIGINT       NOT NULL,
    -- places of that server after this one are of the epoch
    file_number BIGINT       NOT NULL,
    file_offset BIGINT       NOT NULL,
    PRIMARY KEY (source_id, epoch)
);
