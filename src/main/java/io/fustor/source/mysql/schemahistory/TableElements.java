package io.fustor.source.mysql.schemahistory;

import io.fustor.source.mysql.schema.StatementContext;
import io.fustor.source.mysql.schemahistory.SqlToken.Kind;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Parses the columns and keys in the brackets of `CREATE TABLE` and in the actions of `ALTER
/// TABLE`. Skips expressions, references and options that change no name, type or order.
final class TableElements {

    private static final Set<String> KEY = Set.of("KEY", "INDEX");

    private static final Set<Kind> LITERALS = EnumSet.of(Kind.TEXT, Kind.HEX, Kind.BITS);

    /// Attributes that change nothing here and are followed by one word.
    private static final Set<String> WITH_A_WORD =
            Set.of("COMMENT", "COLUMN_FORMAT", "STORAGE", "SRID");

    private static final Set<String> ALONE = Set.of("NULL", "VIRTUAL", "STORED", "PERSISTENT");
    private static final Set<String> ENFORCED = Set.of("ENFORCED");

    private final StatementCursor words;
    private final DataTypes types;
    private final boolean isMariaDb;
    private boolean isConditional;
    private boolean isVersioned;

    TableElements(StatementCursor words, StatementContext context, boolean isMariaDb) {
        this.words = words;
        this.types = new DataTypes(words, context);
        this.isMariaDb = isMariaDb;
    }

    /// Whether a parsed column requests system versioning.
    boolean isVersioned() {
        return isVersioned;
    }

    /// Parses columns and keys in brackets, in their order.
    void read(List<ColumnSpec> columns, List<TableKey> keys) {
        words.expect('(');
        do {
            if (isKey()) {
                readKey(keys);
            } else {
                ColumnSpec column = column(words.column());
                columns.add(column);
                column.addKeys(keys);
            }
        } while (words.accept(','));
        words.expect(')');
    }

    /// Whether a key or another constraint comes next, rather than a column. `VECTOR` and `PERIOD`
    /// can also be names.
    boolean isKey() {
        return switch (words.word()) {
            case "CONSTRAINT",
                    "PRIMARY",
                    "UNIQUE",
                    "KEY",
                    "INDEX",
                    "FULLTEXT",
                    "SPATIAL",
                    "FOREIGN" ->
                    true;
            case "CHECK" -> words.peek(1).isSign('(');
            case "VECTOR" -> KEY.contains(words.peek(1).word());
            case "PERIOD" -> words.is("PERIOD", "FOR");
            default -> false;
        };
    }

    /// Adds a key; skips other constraints.
    ///
    /// @return whether it is only created if no key has its name
    boolean readKey(List<TableKey> keys) {
        isConditional = false;
        String constraint = "";
        if (words.accept("CONSTRAINT") && !isKey()) {
            constraint = words.name();
        }
        switch (words.take().word()) {
            case "PRIMARY" -> {
                words.expect("KEY");
                keyName();
                keys.add(TableKey.primary(parts()));
            }
            case "UNIQUE" -> {
                words.acceptAny(KEY);
                String name = keyName();
                keys.add(new TableKey(name.isEmpty() ? constraint : name, true, parts()));
            }
            case "KEY", "INDEX" -> keys.add(new TableKey(keyName(), false, parts()));
            case "FULLTEXT", "SPATIAL", "VECTOR", "FOREIGN", "CHECK", "PERIOD" -> {
                // Nothing that identifies rows.
            }
            default -> throw new UnknownStatementException("a constraint is unknown");
        }
        words.skipItem();
        return isConditional;
    }

    /// The name of an index, empty if there is none; skips the index type.
    private String keyName() {
        isConditional = words.accept("IF", "NOT", "EXISTS");
        String name = "";
        if (!words.isSign('(') && !isKindOfKey()) {
            name = words.name();
        }
        skipKindOfKey();
        return name;
    }

    /// `USING BTREE`, or `TYPE BTREE` unless the index is called `type`.
    private boolean isKindOfKey() {
        return words.is("USING")
                || (words.is("TYPE") && words.peek(1).isName() && !words.is("TYPE", "USING"));
    }

    void skipKindOfKey() {
        if (isKindOfKey()) {
            words.take();
            words.name();
        }
    }

    List<TableKey.Part> parts() {
        List<TableKey.Part> parts = new ArrayList<>();
        words.expect('(');
        do {
            parts.add(part());
        } while (words.accept(','));
        words.expect(')');
        return parts;
    }

    private TableKey.Part part() {
        if (words.isSign('(')) {
            words.skipGroup();
            skipOrder();
            return new TableKey.Part("", false);
        }
        String column = words.name();
        boolean isPrefix = words.isSign('(');
        if (isPrefix) {
            words.skipGroup();
        }
        skipOrder();
        return new TableKey.Part(column, !isPrefix);
    }

    private void skipOrder() {
        if (!words.accept("ASC")) {
            words.accept("DESC");
        }
    }

    /// The definition after a column's name, up to the end of the item or its position.
    ColumnSpec column(String name) {
        boolean isSerial = words.is("SERIAL");
        Draft draft = new Draft(types.read(), isSerial);
        while (!isColumnEnd()) {
            readAttribute(draft);
        }
        return draft.column(name);
    }

    /// In `ALTER TABLE`, a position or a partition action may follow a column.
    private boolean isColumnEnd() {
        return words.isItemEnd()
                || words.is("FIRST")
                || words.is("AFTER")
                || words.is("PARTITION", "BY")
                || words.is("REMOVE", "PARTITIONING")
                || words.isSign(';');
    }

    /// A column while its attributes are parsed.
    private static final class Draft {

        private TypeSpec type;
        private ColumnSpec.Key key;
        private boolean isInvisible;
        private boolean isCounting;
        private boolean isNullable = true;

        Draft(TypeSpec type, boolean isSerial) {
            this.type = type;
            this.key = isSerial ? ColumnSpec.Key.UNIQUE : ColumnSpec.Key.NONE;
            this.isCounting = isSerial;
        }

        void unique() {
            key = key == ColumnSpec.Key.PRIMARY ? key : ColumnSpec.Key.UNIQUE;
        }

        ColumnSpec column(String name) {
            return new ColumnSpec(
                    name, type, key, isNullable && !isCounting, isInvisible, isCounting);
        }
    }

    private void readAttribute(Draft draft) {
        if (words.acceptAny(ALONE)) {
            return;
        }
        if (words.acceptAny(WITH_A_WORD)) {
            words.take();
            return;
        }
        switch (words.word()) {
            case "NOT" -> not(draft);
            case "COLLATE" -> {
                words.take();
                draft.type = draft.type.with(draft.type.text().withCollation(words.nameOrText()));
            }
            case "AUTO_INCREMENT" -> {
                words.take();
                draft.isCounting = true;
            }
            case "SERIAL" -> {
                words.expect("SERIAL", "DEFAULT", "VALUE");
                draft.isCounting = true;
                draft.unique();
            }
            case "PRIMARY", "KEY" -> {
                words.accept("PRIMARY");
                words.expect("KEY");
                draft.key = ColumnSpec.Key.PRIMARY;
            }
            case "UNIQUE" -> {
                words.take();
                words.accept("KEY");
                draft.unique();
            }
            case "INVISIBLE", "VISIBLE" -> draft.isInvisible = words.take().word().startsWith("IN");
            default -> skipAttribute();
        }
    }

    private void not(Draft draft) {
        words.take();
        if (!words.accept("SECONDARY")) {
            words.expect("NULL");
            draft.isNullable = false;
        }
    }

    private void skipAttribute() {
        switch (words.word()) {
            case "DEFAULT", "ON" -> skipValue();
            case "CONSTRAINT" -> {
                words.take();
                if (!words.is("CHECK") || !words.peek(1).isSign('(')) {
                    words.name();
                }
                skipCheck();
            }
            case "CHECK" -> skipCheck();
            case "GENERATED", "AS" -> {
                words.accept("GENERATED", "ALWAYS");
                words.expect("AS");
                if (!words.accept("ROW", "START") && !words.accept("ROW", "END")) {
                    words.skipGroup();
                }
            }
            case "REFERENCES" -> skipReference();
            case "ENGINE_ATTRIBUTE", "SECONDARY_ENGINE_ATTRIBUTE" -> {
                words.take();
                words.accept('=');
                words.take();
            }
            default -> skipOption();
        }
    }

    /// `DEFAULT …` and `ON UPDATE …`: a literal, a function or an expression in brackets.
    private void skipValue() {
        boolean isOn = words.accept("ON");
        words.expect(isOn ? "UPDATE" : "DEFAULT");
        if (words.accept("NEXT", "VALUE", "FOR") || words.accept("PREVIOUS", "VALUE", "FOR")) {
            words.table();
            return;
        }
        if (!words.accept('-')) {
            words.accept('+');
        }
        // `.5`.
        boolean isFraction = words.accept('.');
        boolean isWord = !isFraction && words.peek(0).isName();
        words.skipOne();
        while (isWord && words.accept('.')) {
            words.name();
        }
        if (isWord && words.isSign('(')) {
            words.skipGroup();
        }
        // An introducer may precede a text, and texts may be adjacent.
        while (LITERALS.contains(words.peek(0).kind())) {
            words.take();
        }
    }

    private void skipCheck() {
        words.expect("CHECK");
        words.skipGroup();
        words.accept("NOT");
        words.acceptAny(ENFORCED);
    }

    private void skipReference() {
        words.take();
        words.table();
        if (words.isSign('(')) {
            words.skipGroup();
        }
        while (words.is("ON") || words.is("MATCH")) {
            boolean isRule = words.take().word().equals("ON");
            words.take();
            if (isRule && (words.accept("SET") || words.accept("NO") || !words.isItemEnd())) {
                words.take();
            }
        }
    }

    /// MariaDB's engines have options of their own, `name = value`.
    private void skipOption() {
        if (words.accept("WITHOUT", "SYSTEM", "VERSIONING")) {
            return;
        }
        if (words.accept("WITH", "SYSTEM", "VERSIONING")) {
            isVersioned = true;
            return;
        }
        if (words.is("COMPRESSED") && !words.peek(1).isSign('=')) {
            words.take();
            return;
        }
        if (!isMariaDb || !words.peek(1).isSign('=')) {
            throw words.unexpected();
        }
        words.name();
        words.take();
        words.take();
    }
}
