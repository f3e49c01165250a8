-- The names by which the migrations for all databases know these types.
CREATE DOMAIN longtext AS TEXT;
CREATE DOMAIN longblob AS BYTEA;
