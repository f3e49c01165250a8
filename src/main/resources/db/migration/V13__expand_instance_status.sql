-- The state of an instance's sources: a JSON document, compressed by gzip. Null if the instance's version writes none.
ALTER TABLE instance_view ADD COLUMN status LONGBLOB;
