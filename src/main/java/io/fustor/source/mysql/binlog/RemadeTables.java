package io.fustor.source.mysql.binlog;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Notes, along a binlog file, where tables and schemas were dropped that were made again later.
///
/// Nobody can make a table again before its dropping is through. Where commits are ordered, all in
/// front of the dropping is through by then too, so that changes of the earlier table need not come
/// again.
final class RemadeTables {

    private static final int LONGEST_STATEMENT = 64 * 1024;

    private static final String NAME = "(`(?:[^`]|``)+`|\"(?:[^\"]|\"\")+\"|[^\\s`\".,;/(]+)";
    private static final String QUALIFIED = NAME + "(?:\\s*\\.\\s*" + NAME + ")?";
    private static final Pattern STATEMENT =
            Pattern.compile(
                    "(?is)\\s*(DROP|CREATE)\\s+(TABLE|DATABASE|SCHEMA)\\s+(?:IF\\s+(?:NOT\\s+)?EXISTS\\s+)?(.*)");
    private static final Pattern NEXT_NAME = Pattern.compile("\\s*,?\\s*" + QUALIFIED);

    private final Map<String, Long> dropped = new HashMap<>();
    private long behind;

    /// Takes a statement that the binlog holds.
    ///
    /// @param event with the cursor at a query event's body
    /// @param end offset of its end in the file
    void take(EventBytes event, long end) {
        event.skip(8);
        int schemaLength = event.unsignedByte();
        event.skip(2);
        event.skip((int) event.number(2));
        String schema = event.text(schemaLength);
        event.skip(1);
        take(schema, event.text(Math.min(event.remaining(), LONGEST_STATEMENT)), end);
    }

    void take(String schema, String sql, long end) {
        Matcher statement = STATEMENT.matcher(sql);
        if (!statement.matches()) {
            return;
        }
        boolean isDrop = statement.group(1).equalsIgnoreCase("DROP");
        boolean isTable = statement.group(2).equalsIgnoreCase("TABLE");
        Matcher name = NEXT_NAME.matcher(statement.group(3));
        while (name.lookingAt()) {
            String key = isTable ? tableKey(schema, name) : unquoted(name.group(1));
            if (isDrop) {
                dropped.put(key, end);
            } else {
                behind = Math.max(behind, dropped.getOrDefault(key, 0L));
            }
            if (!isDrop || !isTable) {
                return;
            }
            name.region(name.end(), name.regionEnd());
        }
    }

    private static String tableKey(String schema, Matcher name) {
        String second = name.group(2);
        return second == null
                ? schema + "\0" + unquoted(name.group(1))
                : unquoted(name.group(1)) + "\0" + unquoted(second);
    }

    private static String unquoted(String name) {
        char quote = name.charAt(0);
        if (quote != '`' && quote != '"') {
            return name;
        }
        String mark = String.valueOf(quote);
        return name.substring(1, name.length() - 1).replace(mark + mark, mark);
    }

    /// Behind the last dropping of something that was made again later, as an offset in the file; 0
    /// where there is none.
    long behind() {
        return behind;
    }
}
