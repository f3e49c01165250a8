package io.fustor.source.mysql.schema;

/// A column's type, as far as it affects how values are read. Text and binary types are separate
/// here, although the binlog uses one type code for both; they differ by the collation `binary`.
public enum ColumnType {
    TINYINT,
    SMALLINT,
    MEDIUMINT,
    INT,
    BIGINT,
    DECIMAL,
    FLOAT,
    DOUBLE,
    BIT,
    YEAR,
    DATE,
    TIME,
    DATETIME,
    TIMESTAMP,
    /// `TIME` as stored before MySQL 5.6.4; tables that were never rebuilt still have it.
    OLD_TIME,
    /// `DATETIME` as stored before MySQL 5.6.4.
    OLD_DATETIME,
    /// `TIMESTAMP` as stored before MySQL 5.6.4.
    OLD_TIMESTAMP,
    CHAR,
    VARCHAR,
    TEXT,
    BINARY,
    VARBINARY,
    BLOB,
    ENUM,
    SET,
    JSON,
    GEOMETRY,
    VECTOR,
    /// MariaDB's types of 16, 16 and 4 bytes, which its binlog does not distinguish from `BINARY`.
    UUID,
    INET6,
    INET4,
    /// MariaDB text or bytes with a `COMPRESSED` attribute: the server compresses each value.
    COMPRESSED,
    /// MariaDB bytes that may be of several types; the binlog does not tell which.
    UNCLEAR
}
