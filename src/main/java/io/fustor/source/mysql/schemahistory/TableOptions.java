package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schemahistory.SchemaChange.Defaults;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Parses the options of tables and databases. Only the character set and the collation matter.
final class TableOptions {

    private static final Set<String> TABLE =
            Set.of(
                    "AUTO_INCREMENT",
                    "AUTOEXTEND_SIZE",
                    "AVG_ROW_LENGTH",
                    "CHECKSUM",
                    "COMMENT",
                    "COMPRESSION",
                    "CONNECTION",
                    "DELAY_KEY_WRITE",
                    "ENCRYPTION",
                    "ENCRYPTION_KEY_ID",
                    "ENGINE",
                    "ENGINE_ATTRIBUTE",
                    "IETF_QUOTES",
                    "INSERT_METHOD",
                    "ITEF_QUOTES",
                    "KEY_BLOCK_SIZE",
                    "MAX_ROWS",
                    "MIN_ROWS",
                    "PACK_KEYS",
                    "PAGE_CHECKSUM",
                    "PAGE_COMPRESSED",
                    "PAGE_COMPRESSION_LEVEL",
                    "PASSWORD",
                    "ROW_FORMAT",
                    "SECONDARY_ENGINE",
                    "SECONDARY_ENGINE_ATTRIBUTE",
                    "SEQUENCE",
                    "STATS_AUTO_RECALC",
                    "STATS_PERSISTENT",
                    "STATS_SAMPLE_PAGES",
                    "STORAGE",
                    "TABLE_CHECKSUM",
                    "TABLESPACE",
                    "TRANSACTIONAL",
                    "TYPE");

    private static final Set<String> SCHEMA = Set.of("ENCRYPTION", "COMMENT");

    private final StatementCursor words;
    private final boolean isMariaDb;

    TableOptions(StatementCursor words, boolean isMariaDb) {
        this.words = words;
        this.isMariaDb = isMariaDb;
    }

    /// Adds one option of a table, or returns null if none comes next.
    @Nullable Defaults table(Defaults defaults) {
        Defaults said = characterSet(defaults);
        if (said != null) {
            return said;
        }
        if (words.accept("UNION")) {
            words.accept('=');
            words.skipGroup();
            return defaults;
        }
        boolean isDirectory = words.is("DATA", "DIRECTORY") || words.is("INDEX", "DIRECTORY");
        boolean isOfEngine = isMariaDb && words.peek(0).isName() && words.peek(1).isSign('=');
        if (!isDirectory && !isOfEngine && !words.isAny(TABLE)) {
            return null;
        }
        words.take();
        words.accept("DIRECTORY");
        words.accept('=');
        if (words.isSign('-')) {
            words.take();
        }
        words.take();
        return defaults;
    }

    /// Adds one option of a database.
    Defaults schema(Defaults defaults) {
        Defaults said = characterSet(defaults);
        if (said != null) {
            return said;
        }
        if (words.accept("READ", "ONLY")) {
            words.accept('=');
            words.take();
            return defaults;
        }
        words.accept("DEFAULT");
        if (!words.acceptAny(SCHEMA)) {
            throw words.unexpected();
        }
        words.accept('=');
        words.take();
        return defaults;
    }

    private @Nullable Defaults characterSet(Defaults defaults) {
        int ahead = words.is("DEFAULT") ? 1 : 0;
        String next = words.peek(ahead).word();
        boolean isSet =
                next.equals("CHARSET")
                        || ((next.equals("CHARACTER") || next.equals("CHAR"))
                                && words.peek(ahead + 1).word().equals("SET"));
        if (!isSet && !next.equals("COLLATE")) {
            return null;
        }
        words.accept("DEFAULT");
        if (words.accept("COLLATE")) {
            words.accept('=');
            return new Defaults(defaults.characterSet(), words.nameOrText());
        }
        DataTypes.acceptCharacterSet(words);
        words.accept('=');
        return new Defaults(words.nameOrText(), defaults.collation());
    }
}
