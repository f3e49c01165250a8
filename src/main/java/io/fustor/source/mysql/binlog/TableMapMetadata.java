package io.fustor.source.mysql.binlog;

import io.fustor.source.mysql.binlog.TableMapParser.RawColumn;
import io.fustor.source.mysql.charset.CharacterSet;
import io.fustor.source.mysql.charset.Collations;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// The optional part of a table map: a list of fields, each a type, a length and a value. Source:
/// the server's `Table_map_event::Optional_metadata_field_type`.
final class TableMapMetadata {

    private static final int SIGNEDNESS = 1;
    private static final int DEFAULT_CHARSET = 2;
    private static final int COLUMN_CHARSET = 3;
    private static final int COLUMN_NAME = 4;
    private static final int SET_STR_VALUE = 5;
    private static final int ENUM_STR_VALUE = 6;
    private static final int SIMPLE_PRIMARY_KEY = 8;
    private static final int PRIMARY_KEY_WITH_PREFIX = 9;
    private static final int ENUM_AND_SET_DEFAULT_CHARSET = 10;
    private static final int ENUM_AND_SET_COLUMN_CHARSET = 11;

    /// The maximum number of labels of an `ENUM`.
    private static final int MOST_LABELS = 65_535;

    private final RawColumn[] columns;
    private final String[] names;
    private final boolean[] unsigned;
    private final int[] collations;
    private final List<List<byte[]>> labels;
    private final boolean isMariaDb;
    private int[] primaryKey = new int[0];

    private TableMapMetadata(RawColumn[] columns, boolean isMariaDb) {
        this.columns = columns;
        this.isMariaDb = isMariaDb;
        this.names = new String[columns.length];
        Arrays.fill(names, "");
        this.unsigned = new boolean[columns.length];
        this.collations = new int[columns.length];
        this.labels = new ArrayList<>(Collections.nCopies(columns.length, List.of()));
    }

    /// @param event with the cursor at the first field; read to its end
    static TableMapMetadata parse(EventBytes event, RawColumn[] columns, boolean isMariaDb) {
        TableMapMetadata metadata = new TableMapMetadata(columns, isMariaDb);
        while (event.remaining() > 0) {
            int type = event.unsignedByte();
            int outer = event.narrow(event.packedLength());
            metadata.readField(event, type);
            event.widen(outer);
        }
        return metadata;
    }

    private void readField(EventBytes event, int type) {
        switch (type) {
            case SIGNEDNESS -> readSignedness(event);
            case DEFAULT_CHARSET -> readDefaultCollation(event, false);
            case COLUMN_CHARSET -> readCollations(event, false);
            case COLUMN_NAME -> readNames(event);
            case SET_STR_VALUE -> readLabels(event, RawColumn.SET);
            case ENUM_STR_VALUE -> readLabels(event, RawColumn.ENUM);
            case SIMPLE_PRIMARY_KEY -> readPrimaryKey(event, false);
            case PRIMARY_KEY_WITH_PREFIX -> readPrimaryKey(event, true);
            case ENUM_AND_SET_DEFAULT_CHARSET -> readDefaultCollation(event, true);
            case ENUM_AND_SET_COLUMN_CHARSET -> readCollations(event, true);
            default -> {
                // Geometry types, visibility and vector dimensions do not affect how a value is
                // read.
            }
        }
    }

    /// One bit for each numeric column, the first in the highest bit.
    private void readSignedness(EventBytes event) {
        int bits = 0;
        int index = 0;
        for (int ordinal = 0; ordinal < columns.length; ordinal++) {
            if (columns[ordinal].isNumeric()) {
                if (index % 8 == 0) {
                    bits = event.unsignedByte();
                }
                unsigned[ordinal] = (bits & (0x80 >> index % 8)) != 0;
                index++;
            }
        }
    }

    private boolean concerns(int ordinal, boolean enumsAndSets) {
        return enumsAndSets
                ? columns[ordinal].isEnumOrSet()
                : columns[ordinal].isCharacter(isMariaDb);
    }

    /// One default collation, then pairs of an index among the concerned columns and another
    /// collation.
    private void readDefaultCollation(EventBytes event, boolean enumsAndSets) {
        int common = (int) event.packed();
        List<Integer> concerned = new ArrayList<>();
        for (int ordinal = 0; ordinal < columns.length; ordinal++) {
            if (concerns(ordinal, enumsAndSets)) {
                concerned.add(ordinal);
                collations[ordinal] = common;
            }
        }
        while (event.remaining() > 0) {
            int index = (int) event.packed();
            if (index < 0 || index >= concerned.size()) {
                throw event.corrupt("a collation belongs to no column");
            }
            collations[concerned.get(index)] = (int) event.packed();
        }
    }

    private void readCollations(EventBytes event, boolean enumsAndSets) {
        for (int ordinal = 0; ordinal < columns.length; ordinal++) {
            if (concerns(ordinal, enumsAndSets)) {
                collations[ordinal] = (int) event.packed();
            }
        }
    }

    private void readNames(EventBytes event) {
        for (int ordinal = 0; ordinal < columns.length; ordinal++) {
            names[ordinal] = event.text(event.packedLength());
        }
    }

    private void readLabels(EventBytes event, int code) {
        for (int ordinal = 0; ordinal < columns.length; ordinal++) {
            if (columns[ordinal].code() == code) {
                int count = event.packedLength();
                if (count > MOST_LABELS) {
                    throw event.corrupt("a column has " + count + " labels");
                }
                List<byte[]> of = new ArrayList<>(count);
                for (int i = 0; i < count; i++) {
                    of.add(event.copy(event.packedLength()));
                }
                labels.set(ordinal, of);
            }
        }
    }

    private void readPrimaryKey(EventBytes event, boolean withPrefix) {
        List<Integer> key = new ArrayList<>();
        while (event.remaining() > 0) {
            int ordinal = (int) event.packed();
            if (ordinal < 0 || ordinal >= columns.length || key.size() == columns.length) {
                throw event.corrupt("a key has a column that the table lacks");
            }
            key.add(ordinal);
            if (withPrefix) {
                event.packed();
            }
        }
        primaryKey = key.stream().mapToInt(Integer::intValue).toArray();
    }

    /// Empty if the server does not write names.
    String name(int ordinal) {
        return names[ordinal];
    }

    boolean isUnsigned(int ordinal) {
        return unsigned[ordinal];
    }

    int collation(int ordinal) {
        return collations[ordinal];
    }

    /// The labels of an `ENUM` or `SET` column, which the server writes in the column's own
    /// character set; none if the map does not have that character set.
    List<String> labels(int ordinal) {
        List<byte[]> raw = labels.get(ordinal);
        if (raw.isEmpty()) {
            return List.of();
        }
        CharacterSet set = Collations.characterSet(collations[ordinal]);
        if (set == null) {
            return List.of();
        }
        // The labels of a binary ENUM are bytes that the server prints unchanged.
        CharacterSet readable = set == CharacterSet.BINARY ? CharacterSet.UTF8MB4 : set;
        return raw.stream().map(label -> readable.decode(label, 0, label.length)).toList();
    }

    int[] primaryKey() {
        return primaryKey;
    }
}
