package io.fustor.source.mysql.connection;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import java.nio.charset.StandardCharsets;

/// Inspects the packets that a server sends to a driver before the driver sees them. Refuses
/// answers that would take more memory than allowed, and packets that our queries never ask for:
/// further results, a request for a local file, a login with another plugin. It sees packets, not
/// values. A packet must not arrive before the driver asks for it: drivers read ahead and would
/// take it for the answer to a later question.
///
/// Called by the reading and the writing thread, one at a time.
///
/// Source: the manual's 'MySQL Client/Server Protocol', `Protocol::Handshake` and `COM_QUERY
/// Response`.
final class AnswerFrames {

    /// The server's `MAX_FIELDS`.
    private static final int MOST_COLUMNS = 4096;

    /// The largest packet that is not a row: a greeting, an error, a column's definition.
    private static final int LARGEST_HEAD = 64 * 1024;

    /// A packet of this length is continued in another one and exceeds any answer to our queries.
    private static final int LARGEST_PACKET = 0xFF_FFFE;

    private static final int OK = 0x00;
    private static final int FILE_REQUEST = 0xFB;
    private static final int END = 0xFE;
    private static final int ERROR = 0xFF;

    /// The marker and number of an error, and its state with the `#` before it.
    private static final int ERROR_HEAD = 3;

    private static final int ERROR_STATE = 6;

    /// The plugin sends or requests data.
    private static final int LOGIN_DATA = 0x01;

    /// `CLIENT_DEPRECATE_EOF`, one of the flags at the start of a client's first packet.
    private static final int DEPRECATE_EOF = 1;

    private static final int HIGHEST_FLAGS = 7;

    /// `SERVER_MORE_RESULTS_EXISTS`
    private static final int MORE_RESULTS = 8;

    /// What the driver allocates for a packet, in addition to its bytes.
    private static final int PACKET_WEIGHT = 64;

    private static final int CELL_WEIGHT = 24;
    private static final int COLUMN_WEIGHT = 1024;

    private final ServerAccess access;
    private final AnswerMemory.Hold hold;

    private final byte[] header = new byte[4];
    private final byte[] head = new byte[128];
    private int headerRead;
    private int headRead;
    private int length;
    private int left;

    private Phase phase = Phase.GREETING;

    /// The packet that arrives began before anything was asked, even if something is now.
    private boolean isUnasked;

    private boolean isEncrypted;
    private boolean isFirst = true;
    private boolean isLoggedIn;
    private boolean definitionsEnd;
    private boolean isRowByRow;
    private int rowWeight;
    private int columns;
    private int definitionsLeft;

    /// The part of the conversation that the next packet belongs to.
    private enum Phase {
        GREETING,
        LOGIN,
        /// Follows a plugin's data if the client sends nothing.
        LOGIN_END,
        ANSWER,
        DEFINITIONS,
        /// A row, or the packet that ends the definitions if there is one.
        FIRST_ROW,
        ROWS,
        OVER
    }

    AnswerFrames(ServerAccess access, AnswerMemory memory) {
        this.access = access;
        this.hold = memory.open(access);
    }

    /// The conversation continues over TLS.
    void encrypted() {
        isEncrypted = true;
    }

    /// The driver does not hold the next rows.
    ///
    /// @param weight what their reader keeps of each in addition to its bytes; 0 if it counts by
    ///   itself
    void rowByRow(int weight) {
        isRowByRow = true;
        rowWeight = weight;
    }

    /// The driver sends something: the next packets answer it, and the previous answer is done.
    ///
    /// @param bytes the bytes that it sends, which begin with a packet's header
    void asked(byte[] bytes, int from, int count) {
        if (!isLoggedIn) {
            // The TLS request and the login begin alike; a later packet is a plugin's answer.
            if (isFirst) {
                isFirst = false;
                definitionsEnd =
                        count <= HIGHEST_FLAGS
                                || (bytes[from + HIGHEST_FLAGS] & DEPRECATE_EOF) == 0;
            }
            phase = Phase.LOGIN;
            return;
        }
        hold.close();
        if (columns > 0) {
            isRowByRow = false;
        }
        columns = 0;
        phase = Phase.ANSWER;
    }

    /// No part of the last answer is in use any more.
    void settle() {
        hold.close();
    }

    /// Takes bytes that the server sent, before the driver receives them.
    ///
    /// @throws AnswerRefusedException if the driver must not receive them
    void received(byte[] bytes, int from, int count) throws AnswerRefusedException {
        try {
            int at = from;
            int end = from + count;
            while (at < end) {
                at += headerRead < header.length ? readHeader(bytes, at) : pass(bytes, at, end);
            }
        } catch (SourceException e) {
            throw new AnswerRefusedException(e);
        }
    }

    private int readHeader(byte[] bytes, int at) {
        header[headerRead++] = bytes[at];
        if (headerRead == header.length) {
            length = (header[0] & 0xFF) | (header[1] & 0xFF) << 8 | (header[2] & 0xFF) << 16;
            left = length;
            headRead = 0;
            begin();
            endIfOver();
        }
        return 1;
    }

    private int pass(byte[] bytes, int at, int end) {
        int count = Math.min(left, end - at);
        int wanted = Math.min(count, Math.min(length, head.length) - headRead);
        if (wanted > 0) {
            System.arraycopy(bytes, at, head, headRead, wanted);
            headRead += wanted;
            if (headRead == Math.min(length, head.length)) {
                judge();
            }
        }
        left -= count;
        endIfOver();
        return count;
    }

    private void endIfOver() {
        if (left == 0) {
            headerRead = 0;
        }
    }

    /// Only the packet's length is known.
    private void begin() {
        boolean isRow = phase == Phase.FIRST_ROW || phase == Phase.ROWS;
        if (length > (isRow ? LARGEST_PACKET : LARGEST_HEAD)) {
            throw refused("a packet of " + length + " bytes where the protocol has a short one");
        }
        isUnasked = phase == Phase.OVER;
        if (isUnasked && length == 0) {
            throw unasked(OK);
        }
        if (isUnasked || !isLoggedIn) {
            return; // its first bytes decide, or the whole login has a limit
        }
        if (phase == Phase.DEFINITIONS) {
            hold.add(COLUMN_WEIGHT + length);
        } else if (!isRowByRow || !isRow) {
            hold.add(PACKET_WEIGHT + 2L * length + (long) CELL_WEIGHT * columns);
        } else if (rowWeight > 0) {
            hold.add((long) rowWeight + length);
        }
    }

    /// The packet's first bytes have arrived.
    private void judge() {
        int marker = head[0] & 0xFF;
        if (isUnasked) {
            throw unasked(marker);
        }
        switch (phase) {
            // An error in place of a greeting also ends the conversation.
            case GREETING, OVER -> phase = Phase.OVER;
            case LOGIN, LOGIN_END -> judgeLogin(marker);
            case ANSWER -> judgeAnswer(marker);
            case DEFINITIONS -> {
                definitionsLeft--;
                if (definitionsLeft == 0) {
                    phase = Phase.FIRST_ROW;
                }
            }
            case FIRST_ROW -> {
                judgeRow(marker);
                if (definitionsEnd && marker == END && length < 9) {
                    phase = Phase.ROWS;
                }
            }
            case ROWS -> judgeRow(marker);
        }
    }

    private void judgeLogin(int marker) {
        boolean mayGoOn = phase == Phase.LOGIN;
        switch (marker) {
            case OK -> {
                isLoggedIn = true;
                phase = Phase.OVER;
            }
            case ERROR -> phase = Phase.OVER;
            case END -> {
                LoginPlugins.requireAnswered(plugin(), isEncrypted, access);
                requireAskedFor(mayGoOn);
                phase = Phase.OVER;
            }
            case LOGIN_DATA -> {
                requireAskedFor(mayGoOn);
                phase = Phase.LOGIN_END;
            }
            default -> throw refused("a packet that is not part of a login");
        }
    }

    private void requireAskedFor(boolean mayGoOn) {
        if (!mayGoOn) {
            throw refused("a packet that was not requested");
        }
    }

    /// A request without a name asks for the password hash of MySQL before 4.1.
    private String plugin() {
        int end = 1;
        while (end < headRead && head[end] != 0) {
            end++;
        }
        return end == 1
                ? "mysql_old_password"
                : Printable.of(new String(head, 1, end - 1, StandardCharsets.UTF_8));
    }

    private void judgeAnswer(int marker) {
        if (marker == END && length >= 9) {
            throw refused("a result with a column count of more than four bytes");
        }
        switch (marker) {
            case OK, END -> end();
            case ERROR -> phase = Phase.OVER;
            case FILE_REQUEST -> throw refused("a request for a file of this host (LOCAL INFILE)");
            default -> {
                long count = packed(0);
                if (count <= 0 || count > MOST_COLUMNS) {
                    throw refused("a result of " + Long.toUnsignedString(count) + " columns");
                }
                columns = (int) count;
                definitionsLeft = columns;
                phase = Phase.DEFINITIONS;
            }
        }
    }

    private void judgeRow(int marker) {
        if (marker == ERROR) {
            phase = Phase.OVER;
        } else if (marker == END && length < 9) {
            end();
        } else {
            phase = Phase.ROWS;
        }
    }

    /// The end of an answer, in one of its two forms; our queries never have a second result.
    private void end() {
        int status = afterPacked(afterPacked(1));
        if (hasMore(status) || ((head[0] & 0xFF) == END && hasMore(3))) {
            throw refused("a second result that was not requested");
        }
        phase = Phase.OVER;
    }

    private boolean hasMore(int status) {
        return status < headRead && (head[status] & MORE_RESULTS) != 0;
    }

    private int afterPacked(int at) {
        int first = at < headRead ? head[at] & 0xFF : 0;
        return at + (first < 0xFB ? 1 : first == 0xFC ? 3 : first == 0xFD ? 4 : 9);
    }

    private long packed(int at) {
        int first = head[at] & 0xFF;
        int width = first < 0xFB ? 0 : first == 0xFC ? 2 : first == 0xFD ? 3 : 8;
        if (width == 0) {
            return first;
        }
        long value = 0;
        for (int i = Math.min(width, headRead - at - 1); i > 0; i--) {
            value = value << 8 | (head[at + i] & 0xFF);
        }
        return value;
    }

    /// A server that ends a connection may say why, although it was not asked: it shuts down, or it
    /// waited too long. The driver must not see that either, as it would be the answer to its next
    /// question, but the server is not hostile.
    private SourceException unasked(int marker) {
        if (marker != ERROR || headRead < ERROR_HEAD) {
            return refused("a packet that was not requested");
        }
        int number = (head[1] & 0xFF) | (head[2] & 0xFF) << 8;
        boolean hasState = headRead > ERROR_HEAD + ERROR_STATE && head[ERROR_HEAD] == '#';
        int from = hasState ? ERROR_HEAD + ERROR_STATE : ERROR_HEAD;
        String words = new String(head, from, headRead - from, StandardCharsets.UTF_8);
        return new SourceException(
                FailureCode.CONNECTION_LOST,
                "the connection to "
                        + access.address()
                        + " was ended: "
                        + ServerErrors.said(number, words));
    }

    private SourceException refused(String what) {
        if (phase == Phase.GREETING) {
            return new SourceException(
                    FailureCode.NOT_MYSQL,
                    access.address()
                            + " does not speak MySQL's protocol; the port of a MySQL server is"
                            + " usually 3306 (33060 is its X protocol)");
        }
        return new SourceException(
                FailureCode.ANSWER_REFUSED,
                access.address() + " sent " + what + ": it is no MySQL server, or a hostile one");
    }
}
