-- The sources that were configured over the API. Types are those that H2 and MySQL both know, so
-- that several instances can share a MySQL as their state database.
create table sources (
    id varchar(64) not null primary key,
    driver varchar(32) not null,
    uri varchar(320) not null,
    user_name varchar(128) not null,
    -- encrypted, base64
    password varchar(2000) not null,
    max_queue_size int not null,
    max_retries int not null,
    retry_delay_sec int not null,
    disabled boolean not null,
    -- a JSON object
    driver_params longtext not null
);

-- What a source's tables looked like when somebody last asked; also of sources that the
-- configuration declares, which have no row above.
create table source_fields (
    source_id varchar(64) not null primary key,
    -- a JSON object, compressed by gzip
    fields longblob not null
);

-- A known text, encrypted: whoever cannot read it has another key than who stored the passwords.
create table encryption_check (
    id int not null primary key,
    encrypted varchar(200) not null
);
