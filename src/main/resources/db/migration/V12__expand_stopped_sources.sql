-- The sources that an operator stopped, also those that the configuration declares. They stay stopped when the service
-- restarts.
CREATE TABLE stopped_source (
    source_id VARCHAR(64) NOT NULL PRIMARY KEY
);
