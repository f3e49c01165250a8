package io.fustor.source.mysql.snapshot;

import io.fustor.source.mysql.charset.CharacterSet;
import io.fustor.source.mysql.charset.Collations;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.Column;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A row's key as cells of the binary protocol, in the key's order, and the literals for them in a
/// statement. Numbered columns have eight bytes with their number.
///
/// Each literal compares with its column like the value itself: text in its own character set, a
/// `FLOAT` as its exact double.
///
/// Source: the manual's 'Binary Protocol Value'.
final class KeyCells {

    private KeyCells() {}

    /// @return an SQL literal for each column of the key
    /// @throws SourceException `POSITION_PURGED` if the bytes are not a key of these columns
    static List<String> read(List<Column> key, byte[] cells) {
        ByteBuffer in = ByteBuffer.wrap(cells).order(ByteOrder.LITTLE_ENDIAN);
        List<String> literals = new ArrayList<>();
        try {
            for (Column column : key) {
                literals.add(literal(column, in));
            }
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            throw notThisKey(e);
        }
        if (in.hasRemaining()) {
            throw notThisKey(null);
        }
        return literals;
    }

    private static SourceException notThisKey(@Nullable Exception cause) {
        return new SourceException(
                FailureCode.TABLE_CHANGED,
                "the key of the snapshot's last row is not the table's current key",
                cause);
    }

    private static String literal(Column column, ByteBuffer in) {
        boolean unsigned = column.unsigned();
        return switch (column.type()) {
            case TINYINT -> String.valueOf(unsigned ? in.get() & 0xFF : in.get());
            case SMALLINT -> String.valueOf(unsigned ? in.getShort() & 0xFFFF : in.getShort());
            case MEDIUMINT, INT ->
                    String.valueOf(unsigned ? Integer.toUnsignedLong(in.getInt()) : in.getInt());
            case BIGINT ->
                    unsigned ? Long.toUnsignedString(in.getLong()) : String.valueOf(in.getLong());
            case ENUM, SET, YEAR, BIT -> Long.toUnsignedString(in.getLong());
            case FLOAT -> real(in.getFloat());
            case DOUBLE -> real(in.getDouble());
            case DECIMAL -> decimal(bytes(in));
            case DATE -> "'" + date(in, in.get()) + "'";
            case DATETIME, TIMESTAMP, OLD_DATETIME, OLD_TIMESTAMP -> "'" + dateTime(in) + "'";
            case TIME, OLD_TIME -> "'" + time(in) + "'";
            case CHAR, VARCHAR, TEXT -> introducer(column) + hex(bytes(in));
            case BINARY, VARBINARY, BLOB -> hex(bytes(in));
            case UUID, INET6, INET4 -> "'" + plain(bytes(in)) + "'";
            case JSON, GEOMETRY, VECTOR, COMPRESSED, UNCLEAR ->
                    throw new IllegalArgumentException(column.type() + " is in no key");
        };
    }

    /// The exponent makes it a double literal, not a decimal one.
    private static String real(double value) {
        String digits = Double.toString(value);
        return digits.indexOf('E') < 0 ? digits + "E0" : digits;
    }

    private static String decimal(byte[] text) {
        String digits = new String(text, StandardCharsets.US_ASCII);
        if (!digits.chars().allMatch(c -> (c >= '0' && c <= '9') || c == '.' || c == '-')) {
            throw new IllegalArgumentException("no decimal");
        }
        return digits;
    }

    /// In MariaDB's form of a UUID or an address.
    private static String plain(byte[] text) {
        String digits = new String(text, StandardCharsets.US_ASCII);
        if (!digits.chars().allMatch(c -> Character.digit(c, 16) >= 0 || ":.-".indexOf(c) >= 0)) {
            throw new IllegalArgumentException("not a UUID or an address");
        }
        return digits;
    }

    private static String introducer(Column column) {
        CharacterSet set = Collations.characterSet(column.collation());
        if (set == null) {
            throw new IllegalArgumentException("an unknown collation");
        }
        return "_" + set.mysqlName() + " ";
    }

    private static String hex(byte[] bytes) {
        return "X'" + HexFormat.of().formatHex(bytes) + "'";
    }

    private static String date(ByteBuffer in, int length) {
        int year = length == 0 ? 0 : in.getShort() & 0xFFFF;
        int month = length == 0 ? 0 : in.get();
        int day = length == 0 ? 0 : in.get();
        return "%04d-%02d-%02d".formatted(year, month, day);
    }

    private static String dateTime(ByteBuffer in) {
        int length = in.get();
        String date = date(in, length);
        int hours = length < 7 ? 0 : in.get();
        int minutes = length < 7 ? 0 : in.get();
        int seconds = length < 7 ? 0 : in.get();
        int micros = length < 11 ? 0 : in.getInt();
        return "%s %02d:%02d:%02d.%06d".formatted(date, hours, minutes, seconds, micros);
    }

    private static String time(ByteBuffer in) {
        int length = in.get();
        if (length == 0) {
            return "00:00:00.000000";
        }
        String sign = in.get() == 0 ? "" : "-";
        int hours = in.getInt() * 24 + in.get();
        int minutes = in.get();
        int seconds = in.get();
        int micros = length < 12 ? 0 : in.getInt();
        return "%s%02d:%02d:%02d.%06d".formatted(sign, hours, minutes, seconds, micros);
    }

    private static byte[] bytes(ByteBuffer in) {
        int first = in.get() & 0xFF;
        long length =
                switch (first) {
                    case 0xFC -> in.getShort() & 0xFFFF;
                    case 0xFD -> (in.getShort() & 0xFFFF) | (in.get() & 0xFF) << 16;
                    case 0xFE -> in.getLong();
                    default -> first;
                };
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[(int) length];
        in.get(bytes);
        return bytes;
    }
}
