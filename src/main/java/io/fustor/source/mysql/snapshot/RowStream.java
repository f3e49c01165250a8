package io.fustor.source.mysql.snapshot;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.mysql.cj.NativeSession;
import com.mysql.cj.jdbc.JdbcConnection;
import com.mysql.cj.protocol.SocketConnection;
import io.fustor.source.mysql.connection.FramedSocket;
import io.fustor.source.mysql.connection.PacketInput;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.SqlErrors;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.memory.MemoryBudget;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// The rows of one query in MySQL's binary protocol. They are read from the socket of an open
/// connection of the SQL driver while the server sends them, at the caller's pace. Rows are not
/// copied and take no memory of their own. For one thread, which uses the connection exclusively
/// until [#close].
///
/// Source: the manual's 'MySQL Client/Server Protocol', `COM_STMT_PREPARE` and `COM_STMT_EXECUTE`
/// without a cursor.
public final class RowStream implements AutoCloseable {

    /// How often a waiting read returns, so that its caller can do other work.
    private static final Duration TICK = Duration.ofSeconds(1);

    private static final int LONGEST_COMMAND = 0xFF_FFFE;
    private static final int HEADER = 4;

    private static final int STMT_PREPARE = 0x16;
    private static final int STMT_EXECUTE = 0x17;
    private static final int STMT_CLOSE = 0x19;

    /// More than the longest message of a server.
    private static final int LONGEST_ERROR = 4096;

    private static final int ROW = 0x00;
    private static final int END = 0xFE;
    private static final int ERROR = 0xFF;
    private static final byte[] NO_CURSOR_AND_ONE_ITERATION = {0, 1, 0, 0, 0};

    private final Connection connection;
    private final ServerAccess access;
    private final Socket socket;
    private final OutputStream out;
    private final PacketInput input;
    private final boolean definitionsEnd;
    private final int timeout;

    private byte[] statement = {};
    private int columnCount;
    private int definitionsLeft;
    private Phase phase = Phase.HEAD;
    private ResultRow columns = new ResultRow(0);

    /// The row of more than 1 MiB that is being read, or was read last.
    private @Nullable LargeRow large;

    private boolean isLargeRead;

    /// The part of the conversation that the next packet belongs to.
    private enum Phase {
        HEAD,
        DEFINITIONS,
        ROWS,
        OVER
    }

    private RowStream(Connection connection, ServerAccess access) throws SQLException, IOException {
        this.connection = connection;
        this.access = access;
        NativeSession session =
                (NativeSession) connection.unwrap(JdbcConnection.class).getSession();
        SocketConnection driver = session.getProtocol().getSocketConnection();
        socket = driver.getMysqlSocket();
        out = driver.getMysqlOutput();
        definitionsEnd = !session.getServerSession().isEOFDeprecated();
        timeout = socket.getSoTimeout();
        // Between its commands the driver has read everything, so its buffers can be bypassed.
        input =
                new PacketInput(
                        FramedSocket.unframed(socket),
                        access.connection().readTimeout(),
                        "the server sent nothing of its answer",
                        PacketInput.BUFFER);
    }

    /// Prepares a query and makes the server begin with its rows; waits for the former only.
    ///
    /// @param connection of [SqlConnections], without an open result
    /// @param sql without parameters
    /// @throws SourceException with the reason of a failure; after an error of the server the
    ///   connection stays open
    /// @throws IllegalArgumentException if the statement has parameters or no columns; the
    ///   connection is then closed
    public static RowStream open(Connection connection, ServerAccess access, String sql) {
        RowStream rows = null;
        try {
            rows = new RowStream(connection, access);
            rows.socket.setSoTimeout((int) TICK.toMillis());
            rows.prepare(sql);
            rows.execute();
            return rows;
        } catch (SQLException e) {
            throw SqlErrors.translate(e, access);
        } catch (IOException e) {
            abort(connection);
            throw lost(e, access);
        } catch (SourceException | IllegalArgumentException e) {
            if (rows != null) {
                rows.close();
            }
            throw e;
        }
    }

    private void prepare(String sql) throws IOException {
        byte[] text = sql.getBytes(UTF_8);
        if (text.length >= LONGEST_COMMAND) {
            throw new IllegalArgumentException("a statement of 16 MiB");
        }
        send(STMT_PREPARE, text, new byte[0]);
        await();
        byte[] bytes = input.array();
        int at = input.from() + 1;
        statement = new byte[] {bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]};
        columnCount = uint16(bytes, at + 4);
        if (columnCount == 0 || uint16(bytes, at + 6) != 0) {
            throw new IllegalArgumentException("a statement with parameters or without columns");
        }
        for (int left = definitions(); left > 0; left--) {
            await();
        }
    }

    private int definitions() {
        return columnCount + (definitionsEnd ? 1 : 0);
    }

    private void execute() throws IOException {
        send(STMT_EXECUTE, statement, NO_CURSOR_AND_ONE_ITERATION);
    }

    private void send(int command, byte[] first, byte[] second) throws IOException {
        int length = 1 + first.length + second.length;
        byte[] packet = new byte[HEADER + length];
        packet[0] = (byte) length;
        packet[1] = (byte) (length >> 8);
        packet[2] = (byte) (length >> 16);
        packet[HEADER] = (byte) command;
        System.arraycopy(first, 0, packet, HEADER + 1, first.length);
        System.arraycopy(second, 0, packet, HEADER + 1 + first.length, second.length);
        out.write(packet);
        out.flush();
    }

    private void await() throws IOException {
        while (!input.next()) {
            // The input measures the duration of the wait.
        }
        if (marker() == ERROR) {
            throw failure();
        }
    }

    /// Moves to the next row; waits for it for about a second.
    ///
    /// @return whether there is one; if not, it has not arrived yet, or there are no more rows
    /// @throws SourceException the error with which the server ends its rows, `SERVER_STALLED` if
    ///   it was silent for the whole read timeout, `CONNECTION_LOST`
    public boolean next() {
        try {
            if (large != null && isLargeRead) {
                letGo();
            }
            return large == null ? nextPacket() : readLarge(large);
        } catch (IOException e) {
            throw lost(e, access);
        }
    }

    private boolean nextPacket() throws IOException {
        while (phase != Phase.OVER && input.next()) {
            int marker = marker();
            if (marker == ERROR) {
                throw failure();
            }
            if (phase == Phase.ROWS && marker == ROW) {
                return !input.isBegun() || readLarge(beginLarge());
            }
            pass(marker);
        }
        return false;
    }

    private LargeRow beginLarge() throws IOException {
        LargeRow begun = new LargeRow(input, columns, MemoryBudget.OF_HEAP);
        large = begun;
        return begun;
    }

    private boolean readLarge(LargeRow begun) throws IOException {
        isLargeRead = begun.readOn();
        return isLargeRead;
    }

    private void letGo() {
        LargeRow held = large;
        if (held != null) {
            held.close();
            large = null;
            isLargeRead = false;
        }
    }

    /// Handles a packet that is not a row.
    private void pass(int marker) throws IOException {
        switch (phase) {
            case HEAD -> {
                definitionsLeft = definitions();
                columns = new ResultRow(columnCount);
                phase = Phase.DEFINITIONS;
            }
            case DEFINITIONS -> {
                columns.define(input.array(), input.from(), input.to());
                definitionsLeft--;
                if (definitionsLeft == 0) {
                    phase = Phase.ROWS;
                }
            }
            case ROWS, OVER -> {
                if (marker != END || input.hasBuffered()) {
                    throw new IOException("a packet that is not part of a row");
                }
                handBack();
            }
        }
    }

    private int marker() {
        return input.to() > input.from() ? input.array()[input.from()] & 0xFF : ERROR;
    }

    /// The server's error, after which the connection is usable again. Source: the manual's
    /// 'ERR_Packet'.
    private SourceException failure() {
        byte[] bytes = input.array();
        int at = input.from() + 1;
        if (input.to() - at < 2 || input.hasBuffered()) {
            return lost(new IOException("an error that cannot be read"), access);
        }
        int number = uint16(bytes, at);
        boolean hasState = input.to() - at >= 8 && bytes[at + 2] == '#';
        String state = hasState ? new String(bytes, at + 3, 5, US_ASCII) : "HY000";
        int text = at + (hasState ? 8 : 2);
        int length = Math.min(input.to() - text, LONGEST_ERROR);
        String message = new String(bytes, text, length, UTF_8);
        SourceException failure =
                SqlErrors.translate(new SQLException(message, state, number), access);
        try {
            handBack();
        } catch (IOException e) {
            failure.addSuppressed(e);
        }
        return failure;
    }

    private static SourceException lost(IOException e, ServerAccess access) {
        return new SourceException(
                FailureCode.CONNECTION_LOST,
                "the connection to " + access.address() + " was lost",
                e);
    }

    /// Closes the statement and returns the unchanged socket to the driver.
    private void handBack() throws IOException {
        if (statement.length > 0) {
            send(STMT_CLOSE, statement, new byte[0]);
        }
        socket.setSoTimeout(timeout);
        phase = Phase.OVER;
    }

    /// Whether the last row, or an error of the server in its place, was read.
    public boolean isOver() {
        return phase == Phase.OVER;
    }

    /// The number of columns.
    public int columnCount() {
        return columnCount;
    }

    /// The array that contains the row, valid until the next call of [#next]: the byte 0, a bitmap
    /// of NULLs whose first two bits are unused, the cells. Source: the manual's 'Binary Protocol
    /// Resultset Row'.
    public byte[] array() {
        return large == null ? input.array() : large.bytes();
    }

    /// The row's offset in the array.
    public int from() {
        return large == null ? input.from() : 0;
    }

    /// The end of the row in the array.
    public int to() {
        return large == null ? input.to() : large.length();
    }

    /// Whether others have waited longer than is fair for the memory that the row takes.
    public boolean isOverdue() {
        return large != null && large.isOverdue();
    }

    /// Whether more bytes have already arrived, so that the next row is likely available without
    /// waiting.
    public boolean hasBuffered() {
        return input.hasBuffered();
    }

    /// Returns the connection to the driver after the last row, and closes it otherwise: the server
    /// would send all remaining rows before it reads another command.
    @Override
    public void close() {
        letGo();
        if (phase != Phase.OVER) {
            abort(connection);
        }
    }

    private static void abort(Connection connection) {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException _) {
            // Nothing more can be closed.
        }
    }

    private static int uint16(byte[] bytes, int at) {
        return (bytes[at] & 0xFF) | (bytes[at + 1] & 0xFF) << 8;
    }
}
