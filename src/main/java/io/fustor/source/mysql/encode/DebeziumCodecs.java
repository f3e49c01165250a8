package io.fustor.source.mysql.encode;

import io.fustor.source.mysql.schema.Column;

/// Chooses a column's codec for Debezium's format, as [CellCodecs] does for Fustor's: most types
/// are the same in both. The table 'Values' of 'Format debezium' in `docs/feed.md` lists the
/// others.
final class DebeziumCodecs {

    /// The largest buffer of a large document that is kept for the next one.
    private static final int LARGEST_KEPT = 1024 * 1024;

    private static final byte[] NULL_SRID = CellBytes.ascii("null}");
    private static final byte[] X = CellBytes.ascii("{\"x\":");
    private static final byte[] Y = CellBytes.ascii(",\"y\":");
    private static final byte[] WKB_NEXT = CellBytes.ascii(",\"wkb\":");
    private static final byte[] WKB = CellBytes.ascii("{\"wkb\":");
    private static final byte[] SRID = CellBytes.ascii(",\"srid\":");

    /// One byte of byte order, four bytes of type, two doubles.
    private static final int POINT_BYTES = 21;

    private static final int SRID_BYTES = 4;
    private static final int LOW_BYTE_FIRST = 1;
    private static final int POINT = 1;

    private DebeziumCodecs() {}

    /// The codec for a column's values in row images.
    ///
    /// @param bigNumbersAsStrings whether `BIGINT`s that a double may not represent exactly become
    ///   strings
    /// @throws io.fustor.source.mysql.error.SourceException `UNSUPPORTED_TYPE` as
    ///   [CellCodecs#of(Column, boolean)]
    static CellCodec of(Column column, boolean bigNumbersAsStrings) {
        return switch (column.type()) {
            case BIGINT -> NumberCodecs.bigint(false, bigNumbersAsStrings);
            case DECIMAL -> quoted(CellCodecs.of(column, false));
            case BIT -> bits(column);
            case DATE -> EpochCodecs.date();
            case TIME -> EpochCodecs.time(column);
            case DATETIME -> EpochCodecs.datetime(column);
            case TIMESTAMP -> momentOrNull(column);
            case OLD_TIME, OLD_DATETIME, OLD_TIMESTAMP -> oldTemporal(column);
            case JSON -> document(CellCodecs.of(column, false));
            case GEOMETRY -> geometry(column);
            case TINYINT,
                    SMALLINT,
                    MEDIUMINT,
                    INT,
                    FLOAT,
                    DOUBLE,
                    YEAR,
                    CHAR,
                    VARCHAR,
                    TEXT,
                    BINARY,
                    VARBINARY,
                    BLOB,
                    ENUM,
                    SET,
                    VECTOR,
                    UUID,
                    INET6,
                    INET4,
                    COMPRESSED,
                    UNCLEAR ->
                    CellCodecs.of(column, bigNumbersAsStrings);
        };
    }

    /// The codec for a column's values in result rows.
    ///
    /// @param bigNumbersAsStrings as for [#of(Column, boolean)]
    static CellCodec ofResult(Column column, boolean bigNumbersAsStrings) {
        return switch (column.type()) {
            case BIGINT -> NumberCodecs.bigint(false, bigNumbersAsStrings);
            case DECIMAL -> quoted(CellCodecs.ofResult(column, false));
            case BIT -> resultBits(column);
            case DATE -> EpochCodecs.resultDate();
            case TIME, OLD_TIME -> EpochCodecs.resultTime();
            case DATETIME, OLD_DATETIME -> EpochCodecs.resultDatetime(column);
            case TIMESTAMP, OLD_TIMESTAMP -> resultMomentOrNull(column);
            case JSON -> document(CellCodecs.ofResult(column, false));
            case GEOMETRY -> resultGeometry();
            case TINYINT,
                    SMALLINT,
                    MEDIUMINT,
                    INT,
                    FLOAT,
                    DOUBLE,
                    YEAR,
                    CHAR,
                    VARCHAR,
                    TEXT,
                    BINARY,
                    VARBINARY,
                    BLOB,
                    ENUM,
                    SET,
                    VECTOR,
                    UUID,
                    INET6,
                    INET4,
                    COMPRESSED,
                    UNCLEAR ->
                    CellCodecs.ofResult(column, bigNumbersAsStrings);
        };
    }

    private static CellCodec oldTemporal(Column column) {
        CellCodecs.requireWholeSeconds(column);
        return switch (column.type()) {
            case OLD_TIME -> EpochCodecs.oldTime();
            case OLD_DATETIME -> EpochCodecs.oldDatetime();
            default -> oldMomentOrNull(TemporalCodecs.oldTimestamp());
        };
    }

    private static CellCodec quoted(CellCodec number) {
        return (row, at, out) -> {
            out.put('"');
            int end = number.write(row, at, out);
            out.put('"');
            return end;
        };
    }

    /// A single bit is a boolean; more are bytes in base64, the low byte first.
    private static CellCodec bits(Column column) {
        int width = column.cellWidth();
        return column.size() == 1
                ? (row, at, out) -> {
                    out.ascii(row[at] == 0 ? "false" : "true");
                    return at + 1;
                }
                : (row, at, out) -> {
                    out.put('"');
                    Base64Text.writeReversed(row, at, width, out);
                    out.put('"');
                    return at + width;
                };
    }

    private static CellCodec resultBits(Column column) {
        CellCodec bits = bits(column);
        int width = column.cellWidth();
        return (row, at, out) -> {
            int from = at + CellBytes.packedWidth(row, at);
            if (CellBytes.packedLength(row, at, from - at) != width) {
                throw CellBytes.corrupt("a BIT does not have the number of bits of its column");
            }
            return bits.write(row, from, out);
        };
    }

    /// The zero date is not a moment and becomes null.
    private static CellCodec momentOrNull(Column column) {
        CellCodec moment = TemporalCodecs.timestamp(column);
        int width = column.cellWidth();
        return (row, at, out) -> {
            if (CellBytes.bigEndian(row, at, 4) != 0) {
                return moment.write(row, at, out);
            }
            out.ascii("null");
            return at + width;
        };
    }

    private static CellCodec oldMomentOrNull(CellCodec moment) {
        return (row, at, out) -> {
            if (CellBytes.int32(row, at) != 0) {
                return moment.write(row, at, out);
            }
            out.ascii("null");
            return at + 4;
        };
    }

    private static CellCodec resultMomentOrNull(Column column) {
        CellCodec moment = ResultTemporalCodecs.timestamp(column);
        return (row, at, out) -> {
            if (row[at] != 0) {
                return moment.write(row, at, out);
            }
            out.ascii("null");
            return at + 1;
        };
    }

    /// A document as a string with its text.
    private static CellCodec document(CellCodec document) {
        return (row, at, out) -> out.documentAsString(document, row, at, LARGEST_KEPT);
    }

    private static CellCodec geometry(Column column) {
        int prefix = -column.cellWidth();
        return (row, at, out) -> {
            int length = CellBytes.length(row, at, prefix);
            geometry(row, at + prefix, length, out);
            return at + prefix + length;
        };
    }

    private static CellCodec resultGeometry() {
        return (row, at, out) -> {
            int from = at + CellBytes.packedWidth(row, at);
            int length = CellBytes.packedLength(row, at, from - at);
            geometry(row, from, length, out);
            return from + length;
        };
    }

    /// `{"wkb":base64,"srid":n}`, preceded by `x` and `y` for a point; the spatial reference id 0
    /// is `null`.
    private static void geometry(byte[] row, int from, int length, JsonBuffer out) {
        if (length == 0) {
            out.ascii("null");
            return;
        }
        if (length < SRID_BYTES) {
            throw CellBytes.corrupt("a GEOMETRY has no spatial reference id");
        }
        int shape = from + SRID_BYTES;
        boolean isPoint =
                length == SRID_BYTES + POINT_BYTES
                        && row[shape] == LOW_BYTE_FIRST
                        && CellBytes.int32(row, shape + 1) == POINT;
        if (isPoint) {
            out.write(X);
            FloatingText.write(Double.longBitsToDouble(CellBytes.int64(row, shape + 5)), out);
            out.write(Y);
            FloatingText.write(Double.longBitsToDouble(CellBytes.int64(row, shape + 13)), out);
        }
        out.write(isPoint ? WKB_NEXT : WKB);
        out.base64(row, shape, length - SRID_BYTES);
        out.write(SRID);
        long srid = CellBytes.uint32(row, from);
        if (srid == 0) {
            out.write(NULL_SRID);
            return;
        }
        out.number(srid);
        out.put('}');
    }
}
