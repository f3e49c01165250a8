package io.fustor.source.mysql.schema;

import io.fustor.source.mysql.charset.CharacterSet;
import io.fustor.source.mysql.charset.Collations;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.nio.charset.StandardCharsets;

/// What affects a statement's meaning apart from its text: the session's settings, which a query
/// event carries as status variables. Source: the server's `Query_event::Query_event_status_vars`.
///
/// @param schema the session's database, empty if it had none
/// @param sqlMode the bits of `sql_mode`
/// @param clientCollation the number of `character_set_client`'s collation, which gives the
///   encoding of the statement's bytes; 0 if the event does not have it
/// @param serverCollation the number of `collation_server`, which applies to a database without a
///   character set of its own; 0 if the event does not have it
/// @param utf8mb4Collation the number of `default_collation_for_utf8mb4`; 0 if the event does not
///   have it
/// @param doubt whether the statement did what its text says
public record StatementContext(
        String schema,
        long sqlMode,
        int clientCollation,
        int serverCollation,
        int utf8mb4Collation,
        Doubt doubt) {

    /// Whether a statement did what its text says.
    public enum Doubt {
        NONE,
        /// It ended with an error, so that only a part of it was done.
        FAILED,
        /// It used temporary tables of its session, which may have the names of other tables.
        TEMPORARY
    }

    private static final long REAL_AS_FLOAT = 1;
    private static final long ANSI_QUOTES = 1 << 2;

    /// `ORACLE` and `MAXDB`, of MariaDB and of MySQL before 8.0.
    private static final long FOREIGN_TYPES = 1 << 9 | 1 << 12;

    private static final long NO_BACKSLASH_ESCAPES = 1 << 20;

    public StatementContext(
            String schema,
            long sqlMode,
            int clientCollation,
            int serverCollation,
            int utf8mb4Collation) {
        this(schema, sqlMode, clientCollation, serverCollation, utf8mb4Collation, Doubt.NONE);
    }

    public StatementContext with(Doubt other) {
        return new StatementContext(
                schema, sqlMode, clientCollation, serverCollation, utf8mb4Collation, other);
    }

    /// The context of a session that changed no settings.
    public static StatementContext plain(String schema) {
        return new StatementContext(schema, 0, 0, 0, 0);
    }

    /// Reads the status variables of a query event, up to the first one that has no meaning here
    /// and no length of its own.
    ///
    /// @param variables the status variables' bytes, without their length
    /// @throws SourceException `CORRUPT_EVENT` if they end in the middle of a variable
    public static StatementContext read(String schema, byte[] variables) {
        try {
            return new StatusVariables(variables).read(schema);
        } catch (ArrayIndexOutOfBoundsException e) {
            throw new SourceException(
                    FailureCode.CORRUPT_EVENT,
                    "the status variables of a statement in the binlog end too early",
                    e);
        }
    }

    /// The same context for a text that is in UTF-8, whatever character set the session's client
    /// uses.
    public StatementContext inUtf8() {
        return new StatementContext(schema, sqlMode, 0, serverCollation, utf8mb4Collation, doubt);
    }

    /// A statement's text, from bytes in the character set of the session's client.
    public String text(byte[] sql) {
        return text(sql, 0, sql.length);
    }

    /// The text of a part of a statement's bytes.
    ///
    /// @param from the first byte
    /// @param to the offset after the last byte
    public String text(byte[] sql, int from, int to) {
        CharacterSet set = clientCharacterSet();
        return set == CharacterSet.UTF8MB4
                ? new String(sql, from, to - from, StandardCharsets.UTF_8)
                : set.decode(sql, from, to - from);
    }

    /// The character set of the session's client. UTF-8 replaces an unknown one and `binary`: the
    /// server does not convert the names that such a client sends.
    public CharacterSet clientCharacterSet() {
        CharacterSet set = Collations.characterSet(clientCollation);
        return set == null || set == CharacterSet.BINARY ? CharacterSet.UTF8MB4 : set;
    }

    public boolean isRealFloat() {
        return (sqlMode & REAL_AS_FLOAT) != 0;
    }

    /// Whether `DATE` or `TIMESTAMP` may mean another type.
    public boolean hasForeignTypes() {
        return (sqlMode & FOREIGN_TYPES) != 0;
    }

    public boolean hasAnsiQuotes() {
        return (sqlMode & ANSI_QUOTES) != 0;
    }

    public boolean hasPlainBackslashes() {
        return (sqlMode & NO_BACKSLASH_ESCAPES) != 0;
    }

    private static final class StatusVariables {

        private final byte[] bytes;
        private int at;

        StatusVariables(byte[] bytes) {
            this.bytes = bytes;
        }

        StatementContext read(String schema) {
            long mode = 0;
            int client = 0;
            int server = 0;
            int utf8mb4 = 0;
            while (at < bytes.length) {
                int code = bytes[at++] & 0xFF;
                switch (code) {
                    case 1 -> mode = number(8);
                    case 4 -> {
                        client = (int) number(2);
                        number(2);
                        server = (int) number(2);
                    }
                    case 18 -> utf8mb4 = (int) number(2);
                    default -> {
                        if (!skip(code)) {
                            at = bytes.length;
                        }
                    }
                }
            }
            return new StatementContext(schema, mode, client, server, utf8mb4);
        }

        /// False if the variable's length is unknown.
        private boolean skip(int code) {
            switch (code) {
                case 0, 3 -> at += 4;
                case 2 -> at += (bytes[at] & 0xFF) + 2;
                case 5, 6 -> at += (bytes[at] & 0xFF) + 1;
                case 7, 8, 14 -> at += 2;
                case 9, 17, 129 -> at += 8;
                case 10 -> at += 4;
                case 11 -> {
                    at += (bytes[at] & 0xFF) + 1;
                    at += (bytes[at] & 0xFF) + 1;
                }
                case 12 -> skipDatabases();
                case 13, 128 -> at += 3;
                case 15 -> at += 8;
                case 16, 19, 20 -> at += 1;
                default -> {
                    return false;
                }
            }
            return true;
        }

        /// Names that end in a zero byte; none if their count says that there were too many.
        private void skipDatabases() {
            int count = bytes[at++] & 0xFF;
            for (int i = 0; count != 254 && i < count; i++) {
                while (bytes[at] != 0) {
                    at++;
                }
                at++;
            }
        }

        private long number(int width) {
            long value = 0;
            for (int i = 0; i < width; i++) {
                value |= (bytes[at + i] & 0xFFL) << (8 * i);
            }
            at += width;
            return value;
        }
    }
}
