package io.fustor.source.mysql.binlog;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.util.Arrays;
import java.util.zip.CRC32;

/// The body of a compressed transaction of more than 1 MiB, read from the network without being
/// held. If nothing arrives within about a second, a read throws [SocketTimeoutException] and can
/// be repeated. For one thread.
final class StreamedPayload extends InputStream {

    private static final int CHECKSUM = 4;

    private final byte[] head;
    private final ByteSource rest;
    private final boolean checksummed;
    private final CRC32 crc = new CRC32();
    private final byte[] checksum = new byte[CHECKSUM];

    private int at;
    private long left;
    private int checksumLeft;

    /// @param event only its beginning, with the cursor at the payload
    StreamedPayload(EventBytes event, boolean checksummed, ByteSource rest) {
        int from = event.cursor() - event.start();
        this.head = Arrays.copyOfRange(event.array(), event.start(), event.end());
        this.at = from;
        this.rest = rest;
        this.checksummed = checksummed;
        this.checksumLeft = checksummed ? CHECKSUM : 0;
        this.left = event.size() - from - checksumLeft;
        crc.update(head);
    }

    @Override
    public int read(byte[] into, int offset, int most) throws IOException {
        if (left == 0) {
            return -1;
        }
        int count = (int) Math.min(most, left);
        if (at < head.length) {
            count = Math.min(count, head.length - at);
            System.arraycopy(head, at, into, offset, count);
            at += count;
        } else {
            count = fromRest(into, offset, count);
            crc.update(into, offset, count);
        }
        left -= count;
        return count;
    }

    private int fromRest(byte[] into, int offset, int most) throws IOException {
        int count = rest.read(into, offset, most);
        if (count < 0) {
            throw new IOException("the event is shorter than its declared size");
        }
        if (count == 0) {
            throw new SocketTimeoutException("nothing came yet");
        }
        return count;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
    }

    /// Verifies the checksum of the whole event, after the payload was read to its end.
    ///
    /// @throws IOException if it does not match, or if something follows the payload
    void checkEnd() throws IOException {
        if (left > 0) {
            throw new IOException("bytes follow it");
        }
        while (checksumLeft > 0) {
            checksumLeft -= fromRest(checksum, CHECKSUM - checksumLeft, checksumLeft);
        }
        if (checksummed && !EventBytes.isChecksum((int) crc.getValue(), checksum)) {
            throw new IOException("the checksum does not match the bytes");
        }
    }
}
