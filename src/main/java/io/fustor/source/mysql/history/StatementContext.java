package io.fustor.source.mysql.history;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.schema.CharacterSet;
import io.fustor.source.mysql.schema.Collations;
import java.nio.charset.StandardCharsets;

/// What else than its text a statement in the binlog means by: the session's settings, which a
/// query event carries as status variables. Source: the server's
/// `Query_event::Query_event_status_vars`.
///
/// @param schema the session's database, empty where it had none
/// @param sqlMode the bits of `sql_mode`
/// @param clientCollation the number of `character_set_client`'s collation, which says how the
///   statement's bytes are to be read; 0 where the event does not say
/// @param serverCollation the number of `collation_server`, which a database without a character
///   set of its own gets; 0 where the event does not say
/// @param utf8mb4Collation the number of `default_collation_for_utf8mb4`; 0 where the event does
///   not say
public record StatementContext(
        String schema,
        long sqlMode,
        int clientCollation,
        int serverCollation,
        int utf8mb4Collation) {

    private static final long REAL_AS_FLOAT = 1;
    private static final long PIPES_AS_CONCAT = 1 << 1;
    private static final long ANSI_QUOTES = 1 << 2;
    private static final long IGNORE_SPACE = 1 << 3;
    private static final long NO_BACKSLASH_ESCAPES = 1 << 20;
    private static final long HIGH_NOT_PRECEDENCE = 1 << 29;

    /// As a session has it that set nothing.
    public static StatementContext plain(String schema) {
        return new StatementContext(schema, 0, 0, 0, 0);
    }

    /// Reads the status variables of a query event up to the first one that has no meaning here and
    /// no length of its own.
    ///
    /// @param variables the status variables' bytes, without their length
    /// @throws SourceException `CORRUPT_EVENT` where they end in the middle of one
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

    /// A statement's text: its bytes are in the character set of the session's client.
    String text(byte[] sql) {
        CharacterSet set = Collations.characterSet(clientCollation);
        return set == null || set == CharacterSet.BINARY
                ? new String(sql, StandardCharsets.UTF_8)
                : set.decode(sql, 0, sql.length);
    }

    boolean isRealFloat() {
        return (sqlMode & REAL_AS_FLOAT) != 0;
    }

    boolean hasPipesAsConcat() {
        return (sqlMode & PIPES_AS_CONCAT) != 0;
    }

    boolean hasAnsiQuotes() {
        return (sqlMode & ANSI_QUOTES) != 0;
    }

    boolean ignoresSpace() {
        return (sqlMode & IGNORE_SPACE) != 0;
    }

    boolean hasPlainBackslashes() {
        return (sqlMode & NO_BACKSLASH_ESCAPES) != 0;
    }

    boolean hasHighNot() {
        return (sqlMode & HIGH_NOT_PRECEDENCE) != 0;
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

        /// False where the variable's length is not known.
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

        /// Names that end in a zero byte, or none where their number says that there were too many.
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
