package io.fustor.source.mysql.bench;

import java.io.IOException;
import java.io.InputStream;

/// What one pass over some rows came to.
///
/// @param rows row images that were counted
/// @param bytes that the reader got or made; 0 where it cannot say
record Reading(long rows, long bytes, long nanos) {

    private static final int PIECE = 256 * 1024;

    /// Something that reads all there is once.
    interface Reader {
        Reading read() throws Exception;
    }

    /// Reads until so many marks came, or to the end of the stream.
    ///
    /// @param start when the reading began, as the nano clock had it
    static Reading ofMarks(InputStream in, long enough, long start) throws IOException {
        byte[] piece = new byte[PIECE];
        long marks = 0;
        long bytes = 0;
        while (marks < enough) {
            int length = in.read(piece);
            if (length < 0) {
                break;
            }
            bytes += length;
            marks += Marks.count(piece, 0, length);
        }
        return new Reading(marks, bytes, System.nanoTime() - start);
    }
}
