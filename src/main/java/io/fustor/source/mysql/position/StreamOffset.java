package io.fustor.source.mysql.position;

import java.util.regex.Pattern;

/// A place in the stream of a source as text that sorts: of two offsets of one source, the one that
/// is later in the stream is the greater text. It is a prefix of fixed width and a token.
///
/// Digits of the prefix are hexadecimal: epoch (4), file number (8), offset in the file (10), rows
/// (10). A point separates the token.
///
/// In a snapshot, the prefix is that of the place from which changes follow. A second prefix and a
/// point come before the token: a zero, the rows that were delivered (10) and the step (8). A token
/// begins with its version and so with a greater character. All offsets of a snapshot are therefore
/// less than that of the place after it.
///
/// @param epoch counts the changes of the source's server; 1 is the first
/// @param step in a snapshot, how many pages in a row ended there without a row; 0 elsewhere
/// @param token of the place
public record StreamOffset(int epoch, int step, FeedToken token) {

    public static final int LAST_EPOCH = 0xFFFF;

    private static final int EPOCH = 4;
    private static final int PREFIX = EPOCH + 8 + 10 + 10;
    private static final int ROWS = 10;
    private static final int STEP = 8;
    private static final Pattern FORM =
            Pattern.compile(
                    "[0-9a-f]{%d}\\.(0[0-9a-f]{%d}0[0-9a-f]{%d}\\.)?[A-Za-z0-9_-]+"
                            .formatted(PREFIX, ROWS, STEP - 1));

    public StreamOffset {
        if (epoch < 0 || epoch > LAST_EPOCH) {
            throw new IllegalArgumentException("no epoch: " + epoch);
        }
        if (step < 0 || (step > 0 && token.snapshot() == null)) {
            throw new IllegalArgumentException("no step: " + step);
        }
    }

    public StreamOffset(int epoch, FeedToken token) {
        this(epoch, 0, token);
    }

    /// Whether a text has the form of an offset.
    public static boolean isOne(String text) {
        return text.length() > PREFIX && text.charAt(PREFIX) == '.';
    }

    /// Parses an offset.
    ///
    /// @throws IllegalArgumentException if the text is not an offset, with a sentence for the
    ///   client
    public static StreamOffset parse(String text) {
        if (!FORM.matcher(text).matches()) {
            throw FeedToken.malformed();
        }
        int end = text.lastIndexOf('.');
        FeedToken token = FeedToken.parse(text.substring(end + 1));
        if ((end > PREFIX) != (token.snapshot() != null)) {
            throw FeedToken.malformed();
        }
        int epoch = Integer.parseInt(text.substring(0, EPOCH), 16);
        int step = end == PREFIX ? 0 : Integer.parseInt(text.substring(end - STEP, end), 16);
        StreamOffset offset = new StreamOffset(epoch, step, token);
        if (!offset.prefix().equals(text.substring(0, end))) {
            throw FeedToken.malformed();
        }
        return offset;
    }

    private String prefix() {
        Place place = token.position();
        String prefix =
                "%04x%08x%010x%010x"
                        .formatted(epoch, place.fileNumber(), place.offset(), place.rows());
        SnapshotPlace snapshot = token.snapshot();
        return snapshot == null ? prefix : prefix + ".0%010x%08x".formatted(snapshot.rows(), step);
    }

    /// The text that clients receive.
    @Override
    public String toString() {
        return prefix() + "." + token;
    }
}
