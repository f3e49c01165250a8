package io.fustor.source.mysql.schema;

/// A column's type as far as the reading of its values goes. Text and binary twins are apart here,
/// although the binlog gives them one type code: they differ by the collation `binary`.
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
    /// `TIME` as servers before 5.6.4 stored it, still found in tables never rebuilt since.
    OLD_TIME,
    /// `DATETIME` as servers before 5.6.4 stored it.
    OLD_DATETIME,
    /// `TIMESTAMP` as servers before 5.6.4 stored it.
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
    VECTOR
}
