package io.fustor.source.mysql.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/// Many clients on one thread that count rows in their streams, plain ones or with gzip.
final class CodedFanOutReaders implements AutoCloseable {

    private final Crowd crowd;
    private final List<Client> clients = new ArrayList<>();
    private final byte[] contents = new byte[256 * 1024];
    private long rows;
    private long bytes;

    /// Connects, asks, and returns when every stream has begun.
    ///
    /// @param coding `identity` or `gzip`
    CodedFanOutReaders(int port, String target, int count, String coding) throws IOException {
        byte[] request = FeedStream.plainRequest(target, coding);
        for (int i = 0; i < count; i++) {
            clients.add(new Client(coding.equals("gzip")));
        }
        crowd = new Crowd(port, count, _ -> request, this::take);
        try {
            crowd.awaitStreams();
        } catch (IOException | RuntimeException e) {
            close();
            throw e;
        }
    }

    /// How often a client was told to come again.
    int refused() {
        return crowd.refused();
    }

    /// Reads until so many rows came to all clients together.
    Reading read(long enough) throws IOException {
        long start = System.nanoTime();
        rows = 0;
        bytes = 0;
        while (rows < enough) {
            crowd.readOn(start);
        }
        return new Reading(rows, bytes, System.nanoTime() - start);
    }

    private void take(int client, byte[] piece, int from, int to) throws IOException {
        bytes += to - from;
        try {
            clients.get(client).take(piece, from, to);
        } catch (DataFormatException e) {
            throw new IOException(e);
        }
    }

    /// One stream: the head of gzip if it has one, and then rows.
    private final class Client {

        private static final int GZIP_HEAD = 10;

        private final Inflater inflater = new Inflater(true);
        private final boolean isCoded;
        private int rest;

        Client(boolean isCoded) {
            this.isCoded = isCoded;
            this.rest = isCoded ? GZIP_HEAD : 0;
        }

        private void take(byte[] piece, int from, int to) throws DataFormatException {
            int skipped = Math.min(rest, to - from);
            rest -= skipped;
            int at = from + skipped;
            if (at == to) {
                return;
            }
            if (!isCoded) {
                rows += Marks.count(piece, at, to);
                return;
            }
            inflater.setInput(piece, at, to - at);
            while (!inflater.needsInput()) {
                rows += Marks.count(contents, 0, inflater.inflate(contents));
            }
        }
    }

    @Override
    public void close() throws IOException {
        clients.forEach(client -> client.inflater.end());
        crowd.close();
    }
}
