package io.fustor.source.mysql.binlog;

import com.github.shyiko.mysql.binlog.GtidSet;
import com.github.shyiko.mysql.binlog.network.ServerException;
import com.github.shyiko.mysql.binlog.network.protocol.PacketChannel;
import com.github.shyiko.mysql.binlog.network.protocol.command.Command;
import com.github.shyiko.mysql.binlog.network.protocol.command.DumpBinaryLogCommand;
import com.github.shyiko.mysql.binlog.network.protocol.command.DumpBinaryLogGtidCommand;
import com.mysql.cj.exceptions.MysqlErrorNumbers;
import io.fustor.source.mysql.connection.ConnectAttempt;
import io.fustor.source.mysql.connection.PacketInput;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.MySqlServer;
import io.fustor.source.mysql.server.SessionMark;
import io.fustor.source.mysql.thread.SupervisedThread;
import io.fustor.source.mysql.thread.Work;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// A connection over which a server sends its binlog. The commands are the connector library's.
/// [PacketInput] reads the events, so that no error is lost and the reader pulls at its own pace.
///
/// For one thread, except [#close], which any thread may call to end a read that waits.
final class ReplicationConnection implements AutoCloseable {

    /// How long a read waits before it returns to its caller, which may send a heartbeat then, or
    /// end a stream whose grant is over: that has half a second to say so.
    private static final Duration TICK = Duration.ofMillis(200);

    /// How often the server sends something at least. It is also when it notices that the reader is
    /// gone: until then the connection counts towards the server's limit.
    private static final Duration LONGEST_HEARTBEAT = Duration.ofSeconds(5);

    /// In bytes; more than a server's longest error takes.
    private static final int LONGEST_ERROR = 4096;

    /// In bytes; more than a server puts into one event.
    private static final long LARGEST_EVENT = Integer.MAX_VALUE - 8;

    private final ServerAccess access;
    private final Socket socket;
    private final PacketInput packets;

    /// Null for a recorded stream.
    private final ReplicationLogin.@Nullable Session session;

    private ReplicationConnection(
            ServerAccess access,
            Socket socket,
            InputStream stream,
            ReplicationLogin.@Nullable Session session) {
        this.access = access;
        this.socket = socket;
        this.session = session;
        this.packets =
                new PacketInput(
                        stream,
                        heartbeat(access).multipliedBy(3),
                        "the server sent nothing, not even a replication heartbeat,",
                        PacketInput.SMALL_BUFFER);
    }

    /// Connects, authenticates and prepares the session. Blocks no longer than the connect timeout.
    ///
    /// @throws SourceException if the server cannot be reached or refuses the login
    static ReplicationConnection open(ServerAccess access) {
        return ConnectAttempt.run(access, attempt -> open(access, attempt));
    }

    /// Reads a recorded stream; sends nothing to the server.
    static ReplicationConnection replaying(ServerAccess access, InputStream stream) {
        return new ReplicationConnection(access, new Socket(), stream, null);
    }

    private static ReplicationConnection open(ServerAccess access, ConnectAttempt attempt) {
        try {
            Socket socket = attempt.connect();
            try {
                ReplicationLogin.Session session =
                        ReplicationLogin.logIn(access, socket, heartbeat(access));
                socket.setSoTimeout((int) TICK.toMillis());
                return new ReplicationConnection(access, socket, session.stream(), session);
            } catch (Throwable e) {
                close(socket);
                throw e;
            }
        } catch (IOException e) {
            throw NetworkErrors.translate(e, access);
        }
    }

    /// The server sends three heartbeats in the time after which its silence is a failure.
    private static Duration heartbeat(ServerAccess access) {
        Duration third = access.connection().readTimeout().dividedBy(3);
        return third.compareTo(LONGEST_HEARTBEAT) < 0 ? third : LONGEST_HEARTBEAT;
    }

    /// Checks that this connection leads to the server at which the connection for questions is. If
    /// the address moved, that connection may still lead to the old server.
    ///
    /// @throws SourceException `CONNECTION_LOST` if it leads to another one
    void requireServer(MySqlServer server, long number) {
        if (Place.serverNumber(serverUuid()) != number) {
            server.distrust();
            throw new SourceException(
                    FailureCode.CONNECTION_LOST,
                    access.address() + " led to another server just now, " + serverUuid());
        }
        server.requireSeen(mark(), serverUuid());
    }

    /// The mark that shows whether another connection leads to the same server.
    SessionMark mark() {
        return session == null ? SessionMark.NONE : session.mark();
    }

    /// The uuid of the server at the other end, or its substitute. The server is asked for each
    /// connection, since an address may lead to another server from one to the next.
    String serverUuid() {
        return session == null ? "" : session.serverUuid();
    }

    /// The number by which the server knows this connection, as `SHOW PROCESSLIST` prints it.
    long threadId() {
        return session == null ? 0 : session.threadId();
    }

    /// Registers the connection as a replica's.
    ///
    /// @throws SourceException `PRIVILEGE_MISSING` if its user may not replicate
    void register() {
        try {
            socket.setSoTimeout((int) access.connection().connectTimeout().toMillis());
            PacketChannel channel = session().channel();
            channel.write(new RegisterReplicaCommand(replicaId()));
            ServerException error = NetworkErrors.errorIn(channel.read());
            if (error != null) {
                throw unregistered(error);
            }
        } catch (IOException e) {
            throw NetworkErrors.translate(e, access);
        }
    }

    /// The server denies access here if only the privilege is missing: the login succeeded.
    private SourceException unregistered(ServerException error) {
        boolean isDenied = error.getErrorCode() == MysqlErrorNumbers.ER_ACCESS_DENIED_ERROR;
        SourceException failure = NetworkErrors.translate(error, access);
        return isDenied || failure.code() == FailureCode.PRIVILEGE_MISSING
                ? new SourceException(
                        FailureCode.PRIVILEGE_MISSING,
                        "the user "
                                + access.credential().user()
                                + " may log in at "
                                + access.address()
                                + " but not replicate: grant REPLICATION SLAVE ON *.*",
                        error)
                : failure;
    }

    /// Asks for all events from an offset of a file on. MariaDB sends the statements that caused
    /// rows events only if it is asked for them, and events seem to be missing without them. For
    /// MySQL the same flag means something else.
    void dump(BinlogPosition position) {
        if (position.offset() > BinlogPosition.LARGEST_NAMED) {
            throw new SourceException(
                    FailureCode.UNSUPPORTED_EVENT,
                    position
                            + " lies beyond the 4 GiB that a request for the binlog can name: the"
                            + " server can send it only from a transaction's start before that");
        }
        send(
                new DumpBinaryLogCommand(
                        replicaId(), position.file(), position.offset(), session().isMariaDb()));
    }

    /// Asks for all transactions outside a set.
    void dump(io.fustor.source.mysql.position.GtidSet executed) {
        send(
                new DumpBinaryLogGtidCommand(
                        replicaId(),
                        "",
                        BinlogPosition.FIRST_EVENT,
                        new GtidSet(executed.toString())));
    }

    /// A random server id from the upper half of the range, where people rarely choose theirs: a
    /// server drops the older of two replicas with the same id.
    private static long replicaId() {
        return ThreadLocalRandom.current().nextLong(1L << 31, (1L << 32) - 1);
    }

    private void send(Command command) {
        try {
            session().channel().write(command);
        } catch (IOException e) {
            throw NetworkErrors.translate(e, access);
        }
    }

    /// Moves to the next event of the binlog. Points `event` at it, or at its beginning if only
    /// that has arrived ([#isBegun]).
    ///
    /// @param checksummed whether events end in a checksum
    /// @return false if nothing arrives within about a second
    boolean next(EventBytes event, boolean checksummed) {
        try {
            if (!packets.next()) {
                return false;
            }
            byte[] bytes = packets.array();
            int marker =
                    packets.to() > packets.from()
                            ? bytes[packets.from()] & 0xFF
                            : NetworkErrors.ERROR;
            if (marker == 0 && packets.isBegun()) {
                begin(event, packets);
                return true;
            }
            if (marker == 0) {
                event.set(bytes, packets.from() + 1, packets.to(), checksummed);
                return true;
            }
            if (marker == NetworkErrors.ERROR) {
                int to = Math.min(packets.to(), packets.from() + LONGEST_ERROR);
                throwIfError(Arrays.copyOfRange(bytes, packets.from(), to));
            }
        } catch (IOException e) {
            throw NetworkErrors.lost(e, access);
        }
        throw new SourceException(
                FailureCode.CONNECTION_LOST,
                access.address() + " ended the replication connection");
    }

    /// Whether unread bytes of the stream have arrived.
    boolean hasBuffered() {
        return packets.hasBuffered();
    }

    /// Keeps the bytes of the event that was read last unchanged until [#reuse].
    void keep() {
        packets.keep();
    }

    /// The caller no longer needs the events that it kept.
    void reuse() {
        packets.reuse();
    }

    /// The length of the packet has to confirm the event's size.
    private static void begin(EventBytes event, PacketInput packets) throws IOException {
        event.begin(packets.array(), packets.from() + 1, packets.to());
        long length = (long) packets.to() - packets.from() - 1 + packets.more();
        boolean isWrong = packets.isInLastPart() ? event.size() != length : event.size() < length;
        if (isWrong || event.size() > LARGEST_EVENT) {
            throw event.corrupt("it says " + event.size() + " bytes and has " + length);
        }
    }

    /// Whether only the beginning of the event that was read last has arrived.
    boolean isBegun() {
        return packets.isBegun();
    }

    /// Reads the rest of an event that [#isBegun], as [ByteSource#read] does.
    int readOn(byte[] into, int offset, int most) {
        try {
            return packets.read(into, offset, most);
        } catch (IOException e) {
            throw NetworkErrors.translate(e, access);
        }
    }

    private ReplicationLogin.Session session() {
        ReplicationLogin.Session open = session;
        if (open == null) {
            throw new IllegalStateException("not connected");
        }
        return open;
    }

    private void throwIfError(byte[] packet) {
        try {
            NetworkErrors.throwIfError(packet, access);
        } catch (IOException e) {
            throw NetworkErrors.translate(e, access);
        }
    }

    /// Closes the connection, and asks the server to end it: the server would keep it until its
    /// next write fails. Does not wait.
    void closeAtServer(MySqlServer server) {
        close();
        SupervisedThread.virtual(
                Work.QUESTION, "end dump", () -> server.endDump(serverUuid(), threadId()));
    }

    @Override
    public void close() {
        close(socket);
    }

    private static void close(Socket socket) {
        try {
            socket.close();
        } catch (IOException _) {
            // It is closed as far as possible.
        }
    }
}
