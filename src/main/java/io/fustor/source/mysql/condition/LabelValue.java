package io.fustor.source.mysql.condition;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fustor.source.mysql.schema.Column;
import java.util.List;
import java.util.StringJoiner;

/// A row of one value, of an `ENUM` or `SET`.
///
/// @param bytes its text in UTF-8
@SuppressWarnings("ArrayRecordComponent") // never compared
record LabelValue(byte[] bytes) implements RowValues {

    /// How many labels an `ENUM`, and how many a `SET`, may have whose values are all tried.
    private static final int MOST_OF_ENUM = 255;

    private static final int MOST_OF_SET = 8;

    /// The texts of all values by the numbers that servers store; none where they are too many or
    /// not known. Number 0 of an `ENUM` is the empty text, which stands for a value that the column
    /// does not have.
    static byte[][] all(Column column) {
        int labels = column.labels().size();
        int most =
                switch (column.type()) {
                    case ENUM -> MOST_OF_ENUM;
                    case SET -> MOST_OF_SET;
                    default -> 0;
                };
        if (labels == 0 || labels > most) {
            return new byte[0][];
        }
        return most == MOST_OF_ENUM ? enumerated(column.labels()) : combined(column.labels());
    }

    private static byte[][] enumerated(List<String> labels) {
        byte[][] texts = new byte[labels.size() + 1][];
        texts[0] = new byte[0];
        for (int number = 1; number < texts.length; number++) {
            texts[number] = labels.get(number - 1).getBytes(UTF_8);
        }
        return texts;
    }

    /// Each bit of the number stands for a label.
    private static byte[][] combined(List<String> labels) {
        byte[][] texts = new byte[1 << labels.size()][];
        for (int bits = 0; bits < texts.length; bits++) {
            StringJoiner joined = new StringJoiner(",");
            for (int bit = 0; bit < labels.size(); bit++) {
                if ((bits >> bit & 1) != 0) {
                    joined.add(labels.get(bit));
                }
            }
            texts[bits] = joined.toString().getBytes(UTF_8);
        }
        return texts;
    }

    @Override
    public boolean isNull(int slot) {
        return false;
    }

    @Override
    public long label(int slot) {
        return -1;
    }

    @Override
    public void load(int slot) {
        // There is no other value.
    }

    @Override
    public int from() {
        return 0;
    }

    @Override
    public int to() {
        return bytes.length;
    }

    @Override
    public long number(int slot) {
        throw new IllegalStateException("a label is no number");
    }

    @Override
    public double real(int slot) {
        throw new IllegalStateException("a label is no number");
    }
}
