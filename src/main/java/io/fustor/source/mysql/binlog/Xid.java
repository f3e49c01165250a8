package io.fustor.source.mysql.binlog;

import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The name of an XA transaction, in the form of the server's binlog.
///
/// @param branch global id and branch qualifier in hexadecimal, `X'61',X'62'`
/// @param format the lower 32 bits of the format id; one of the events has no more
record Xid(String branch, int format) {

    private static final Pattern TEXT =
            Pattern.compile("(X'[0-9a-fA-F]*',X'[0-9a-fA-F]*'),(-?\\d{1,19})");

    /// The name at the end of a statement, or null if there is none.
    static @Nullable Xid of(String text) {
        Matcher matcher = TEXT.matcher(text);
        return matcher.matches()
                ? new Xid(matcher.group(1), (int) Long.parseLong(matcher.group(2)))
                : null;
    }

    /// @param event with the cursor after the first byte of an `XA_prepare_log_event`
    static Xid read(EventBytes event) {
        int format = (int) event.number(4);
        int globalLength = (int) event.number(4);
        int branchLength = (int) event.number(4);
        HexFormat hex = HexFormat.of();
        String global = hex.formatHex(event.copy(globalLength));
        return new Xid(
                "X'" + global + "',X'" + hex.formatHex(event.copy(branchLength)) + "'", format);
    }

    @Override
    public String toString() {
        return branch + "," + format;
    }
}
