package io.fustor.source.mysql.encode;

/// Codecs of the numbers that differ between result rows and row images: `DECIMAL` as text, `BIT`
/// with a length. Source: the manual's 'Binary Protocol Value'.
final class ResultNumberCodecs {

    private ResultNumberCodecs() {}

    static CellCodec bit(boolean bigAsString) {
        return (row, at, out) -> {
            int width = CellBytes.packedWidth(row, at);
            int length = CellBytes.packedLength(row, at, width);
            if (length > 8) {
                throw CellBytes.corrupt("a BIT has more than 64 bits");
            }
            long bits = CellBytes.bigEndian(row, at + width, length);
            NumberText.unsigned(bits, bigAsString, out);
            return at + width + length;
        };
    }

    static CellCodec decimal(boolean bigAsString) {
        return (row, at, out) -> {
            int width = CellBytes.packedWidth(row, at);
            int length = CellBytes.packedLength(row, at, width);
            decimal(row, at + width, at + width + length, bigAsString, out);
            return at + width + length;
        };
    }

    /// Writes a number without the leading zeros of `ZEROFILL`.
    private static void decimal(
            byte[] row, int start, int end, boolean bigAsString, JsonBuffer out) {
        boolean negative = start < end && row[start] == '-';
        int first = negative ? start + 1 : start;
        int significant = significantDigits(row, first, end);
        while (first + 1 < end && row[first] == '0' && row[first + 1] != '.') {
            first++;
        }
        boolean quoted = bigAsString && significant > DecimalText.SAFE_DIGITS;
        if (quoted) {
            out.put('"');
        }
        if (negative && significant > 0) {
            out.put('-');
        }
        out.write(row, first, end - first);
        if (quoted) {
            out.put('"');
        }
    }

    /// Counts the digits from the first to the last that is not zero; 0 for zero.
    private static int significantDigits(byte[] row, int from, int end) {
        int count = 0;
        boolean isNumber = end > from && row[from] != '.' && row[end - 1] != '.';
        boolean afterPoint = false;
        for (int at = from; at < end; at++) {
            int c = row[at];
            if (c == '.') {
                isNumber &= !afterPoint;
                afterPoint = true;
            } else if (c < '0' || c > '9') {
                isNumber = false;
            } else if (count > 0 || c != '0') {
                count++;
            }
        }
        if (!isNumber) {
            throw CellBytes.corrupt("a DECIMAL in a result row is not a number");
        }
        return count;
    }
}
