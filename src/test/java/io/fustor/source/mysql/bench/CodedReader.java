package io.fustor.source.mysql.bench;

import com.github.luben.zstd.ZstdInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;

/// Reads a stream in a content coding, and counts what is sent and what it contains.
record CodedReader(int port, String coding) {

    private static final int PIECE = 256 * 1024;

    /// @param reading with the bytes as they were sent
    /// @param contents in bytes, without the coding
    /// @param byGzip what `gzip -1` makes of the contents, in bytes; 0 if it was not asked
    record Read(Reading reading, long contents, long byGzip) {}

    /// Reads until so many rows came.
    ///
    /// @param besideGzip whether to compress the contents, too, which takes its time
    Read read(String target, long enough, boolean besideGzip) throws IOException {
        long start = System.nanoTime();
        try (FeedStream stream = FeedStream.openPlain(port, target, coding)) {
            Counted sent = new Counted(stream.in());
            CountedOutput gzip = new CountedOutput();
            OutputStream beside = gzip(gzip);
            InputStream in = decoded(sent);
            byte[] piece = new byte[PIECE];
            long rows = 0;
            long contents = 0;
            while (rows < enough) {
                int length = in.read(piece);
                if (length < 0) {
                    throw new IOException("%d rows of %d came".formatted(rows, enough));
                }
                contents += length;
                rows += Marks.count(piece, 0, length);
                if (besideGzip) {
                    beside.write(piece, 0, length);
                }
            }
            Reading reading = new Reading(rows, sent.count, System.nanoTime() - start);
            beside.close();
            return new Read(reading, contents, besideGzip ? gzip.count : 0);
        }
    }

    private InputStream decoded(InputStream sent) throws IOException {
        return switch (coding) {
            case "gzip" -> new GZIPInputStream(sent, PIECE);
            case "zstd" -> new ZstdInputStream(sent);
            default -> sent;
        };
    }

    /// The library of the program, at its level 1.
    private static OutputStream gzip(OutputStream to) {
        return new DeflaterOutputStream(to, new Deflater(1, true), PIECE);
    }

    private static final class Counted extends FilterInputStream {

        private long count;

        Counted(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] into, int from, int length) throws IOException {
            int read = super.read(into, from, length);
            count += Math.max(0, read);
            return read;
        }
    }

    private static final class CountedOutput extends OutputStream {

        private long count;

        @Override
        public void write(int one) {
            count++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) {
            count += length;
        }
    }
}
