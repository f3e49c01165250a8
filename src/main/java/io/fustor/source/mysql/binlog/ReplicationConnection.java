package io.fustor.source.mysql.binlog;

import com.github.shyiko.mysql.binlog.GtidSet;
import com.github.shyiko.mysql.binlog.network.Authenticator;
import com.github.shyiko.mysql.binlog.network.ClientCapabilities;
import com.github.shyiko.mysql.binlog.network.ServerException;
import com.github.shyiko.mysql.binlog.network.protocol.ErrorPacket;
import com.github.shyiko.mysql.binlog.network.protocol.GreetingPacket;
import com.github.shyiko.mysql.binlog.network.protocol.PacketChannel;
import com.github.shyiko.mysql.binlog.network.protocol.ResultSetRowPacket;
import com.github.shyiko.mysql.binlog.network.protocol.command.Command;
import com.github.shyiko.mysql.binlog.network.protocol.command.DumpBinaryLogCommand;
import com.github.shyiko.mysql.binlog.network.protocol.command.DumpBinaryLogGtidCommand;
import com.github.shyiko.mysql.binlog.network.protocol.command.QueryCommand;
import com.github.shyiko.mysql.binlog.network.protocol.command.SSLRequestCommand;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.server.ConnectAttempt;
import io.fustor.source.mysql.server.PacketInput;
import io.fustor.source.mysql.server.ServerAccess;
import io.fustor.source.mysql.server.TlsMode;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// A connection to a server that asks for its binlog: the handshake, authentication and commands
/// are the connector library's, the reading of what follows is [PacketInput]'s, so that no error is
/// passed over and the reader pulls at its own pace.
///
/// For one thread, except [#close], which any thread may call to end a read that waits.
final class ReplicationConnection implements AutoCloseable {

    /// How often a read that waits looks up, so that its caller can do something else, such as a
    /// heartbeat.
    private static final Duration TICK = Duration.ofSeconds(1);

    /// How often the server says that it is there, at the least. It is also when it notices that
    /// nobody reads any more: until then the connection counts among those that it may have.
    private static final Duration LONGEST_HEARTBEAT = Duration.ofSeconds(5);

    /// How long the server lets a subscriber that does not read hold up its sending: ten minutes,
    /// in seconds.
    private static final int NET_WRITE_TIMEOUT = 600;

    private static final int ERROR = 0xFF;

    /// More than a server puts into one event.
    private static final long LARGEST_EVENT = Integer.MAX_VALUE - 8;

    private final ServerAccess access;
    private final Socket socket;
    private @Nullable PacketChannel channel;
    private @Nullable PacketInput input;
    private String serverUuid = "";
    private boolean isMariaDb;
    private long threadId;

    private ReplicationConnection(ServerAccess access, Socket socket) {
        this.access = access;
        this.socket = socket;
    }

    /// Connects, authenticates and prepares the session. Blocks no longer than the connect timeout.
    ///
    /// @throws SourceException by what went wrong
    static ReplicationConnection open(ServerAccess access) {
        return ConnectAttempt.run(access, attempt -> open(access, attempt));
    }

    /// A stream that was taken down before, as if it came from the server, which is asked nothing.
    static ReplicationConnection replaying(ServerAccess access, InputStream stream) {
        ReplicationConnection connection = new ReplicationConnection(access, new Socket());
        connection.input = connection.packets(stream);
        return connection;
    }

    private static ReplicationConnection open(ServerAccess access, ConnectAttempt attempt) {
        try {
            ReplicationConnection connection = new ReplicationConnection(access, attempt.connect());
            try {
                connection.logIn();
                return connection;
            } catch (IOException | RuntimeException e) {
                connection.close();
                throw e;
            }
        } catch (IOException e) {
            throw NetworkErrors.translate(e, access);
        }
    }

    private void logIn() throws IOException {
        socket.setTcpNoDelay(true);
        socket.setKeepAlive(true);
        socket.setSoTimeout((int) access.connection().connectTimeout().toMillis());
        PacketChannel opened = new LoginChannel(socket, access);
        channel = opened;
        GreetingPacket greeting = greeting(opened);
        threadId = greeting.getThreadId();
        Socket wire = secure(opened, greeting);
        new Authenticator(
                        greeting,
                        opened,
                        null,
                        access.credential().user(),
                        access.credential().password())
                .authenticate();
        opened.authenticationComplete();
        prepareSession(greeting.getServerVersion());
        socket.setSoTimeout((int) TICK.toMillis());
        input = packets(wire.getInputStream());
    }

    private PacketInput packets(InputStream stream) {
        return new PacketInput(
                stream,
                heartbeat().multipliedBy(3),
                "the server sent nothing, not even a replication heartbeat,",
                PacketInput.SMALL_BUFFER);
    }

    /// How often the server says that it is there: three times in what counts as its silence.
    private Duration heartbeat() {
        Duration third = access.connection().readTimeout().dividedBy(3);
        return third.compareTo(LONGEST_HEARTBEAT) < 0 ? third : LONGEST_HEARTBEAT;
    }

    private GreetingPacket greeting(PacketChannel opened) throws IOException {
        byte[] packet = opened.read();
        throwIfError(packet);
        if (packet.length == 0 || packet[0] != 10) {
            throw new SourceException(
                    FailureCode.NOT_MYSQL,
                    access.address() + " answers, but does not speak MySQL's protocol");
        }
        return new GreetingPacket(packet);
    }

    /// Upgrades to TLS where mode and server have it, and returns the socket that carries plain
    /// bytes.
    private Socket secure(PacketChannel opened, GreetingPacket greeting) throws IOException {
        TlsMode mode = access.connection().tls();
        boolean offered = (greeting.getServerCapabilities() & ClientCapabilities.SSL) != 0;
        if (mode == TlsMode.DISABLED || (mode == TlsMode.PREFERRED && !offered)) {
            return socket;
        }
        if (!offered) {
            throw new SourceException(
                    FailureCode.TLS_REQUIRED,
                    access.address() + " offers no TLS, which fustor.mysql.tls asks for");
        }
        SSLRequestCommand request = new SSLRequestCommand();
        request.setCollation(greeting.getServerCollation());
        opened.write(request);
        TlsSocketFactory factory = new TlsSocketFactory(access);
        opened.upgradeToSSL(factory, null);
        Socket made = factory.made();
        return made == null ? socket : made;
    }

    private void prepareSession(String version) throws IOException {
        long heartbeat = heartbeat().toNanos();
        run(
                "SET @master_binlog_checksum = @@global.binlog_checksum,"
                        + " @source_binlog_checksum = @@global.binlog_checksum,"
                        + " @master_heartbeat_period = "
                        + heartbeat
                        + ", @source_heartbeat_period = "
                        + heartbeat);
        run("SET SESSION net_write_timeout = " + NET_WRITE_TIMEOUT);
        isMariaDb = version.contains("MariaDB");
        if (isMariaDb) {
            run("SET @mariadb_slave_capability = 4");
            serverUuid = "mariadb:" + query("SELECT @@global.server_id");
        } else {
            serverUuid = query("SELECT @@global.server_uuid");
        }
    }

    /// The uuid of the server at the other end, or what stands for it. It is asked here once more,
    /// since an address may lead to another server from one connection to the next.
    String serverUuid() {
        return serverUuid;
    }

    /// The number by which the server knows this connection, as `SHOW PROCESSLIST` prints it.
    long threadId() {
        return threadId;
    }

    /// The first value of a result of one row: column count, column, end, row, end.
    private String query(String sql) throws IOException {
        PacketChannel open = channel();
        open.write(new QueryCommand(sql));
        throwIfError(open.read());
        open.read();
        open.read();
        byte[] row = open.read();
        throwIfError(row);
        String value = new ResultSetRowPacket(row).getValue(0);
        open.read();
        return value;
    }

    private void run(String statement) throws IOException {
        PacketChannel open = channel();
        open.write(new QueryCommand(statement));
        throwIfError(open.read());
    }

    /// Asks for everything from an offset of a file on. MariaDB leaves the statements that rows
    /// events came from out of the stream unless it is asked for them, and then events seem to be
    /// missing; to MySQL the same flag means something else.
    void dump(BinlogPosition position) {
        send(new DumpBinaryLogCommand(replicaId(), position.file(), position.offset(), isMariaDb));
    }

    /// Asks for every transaction that is not in the set.
    void dump(io.fustor.source.mysql.position.GtidSet executed) {
        send(
                new DumpBinaryLogGtidCommand(
                        replicaId(),
                        "",
                        BinlogPosition.FIRST_EVENT,
                        new GtidSet(executed.toString())));
    }

    /// The server knows a replica by its server id, and drops the older of two with the same one: a
    /// number drawn from the upper half, where people do not choose theirs.
    private static long replicaId() {
        return ThreadLocalRandom.current().nextLong(1L << 31, (1L << 32) - 1);
    }

    private void send(Command command) {
        try {
            channel().write(command);
        } catch (IOException e) {
            throw NetworkErrors.translate(e, access);
        }
    }

    /// Moves to the next event of the binlog and points the window at it, or at its beginning where
    /// it [#isBegun] only.
    ///
    /// @param checksummed whether events end in a checksum
    /// @return false where nothing came within about a second
    boolean next(EventBytes event, boolean checksummed) {
        PacketInput packets = packets();
        try {
            if (!packets.next()) {
                return false;
            }
            byte[] bytes = packets.array();
            int marker = packets.to() > packets.from() ? bytes[packets.from()] & 0xFF : ERROR;
            if (marker == 0 && packets.isBegun()) {
                begin(event, packets);
                return true;
            }
            if (marker == 0) {
                event.set(bytes, packets.from() + 1, packets.to(), checksummed);
                return true;
            }
            if (marker == ERROR && packets.to() - packets.from() > 2) {
                throwServerError(Arrays.copyOfRange(bytes, packets.from() + 1, packets.to()));
            }
        } catch (IOException e) {
            throw NetworkErrors.lost(e, access);
        }
        throw new SourceException(
                FailureCode.CONNECTION_LOST,
                access.address() + " ended the replication connection");
    }

    /// Whether bytes of the stream are here that were not looked at yet.
    boolean hasBuffered() {
        return packets().hasBuffered();
    }

    /// Leaves the bytes of the event that was read last as they are until [#reuse].
    void keep() {
        packets().keep();
    }

    /// What was kept is not needed any more.
    void reuse() {
        packets().reuse();
    }

    /// Of an event of one packet, the packet's length has to bear out what the event says of its
    /// own.
    private static void begin(EventBytes event, PacketInput packets) throws IOException {
        event.begin(packets.array(), packets.from() + 1, packets.to());
        long length = (long) packets.to() - packets.from() - 1 + packets.more();
        boolean isWrong = packets.isInLastPart() ? event.size() != length : event.size() < length;
        if (isWrong || event.size() > LARGEST_EVENT) {
            throw event.corrupt("it says " + event.size() + " bytes and has " + length);
        }
    }

    /// Whether only the beginning of the event just read is here.
    boolean isBegun() {
        return packets().isBegun();
    }

    /// Reads the rest of the event that [#isBegun]; as [ByteSource#read].
    int readOn(byte[] into, int offset, int most) {
        try {
            return packets().read(into, offset, most);
        } catch (IOException e) {
            throw NetworkErrors.translate(e, access);
        }
    }

    private PacketChannel channel() {
        PacketChannel open = channel;
        if (open == null) {
            throw new IllegalStateException("not connected");
        }
        return open;
    }

    private PacketInput packets() {
        PacketInput open = input;
        if (open == null) {
            throw new IllegalStateException("not connected");
        }
        return open;
    }

    private void throwIfError(byte[] packet) {
        if (packet.length > 2 && (packet[0] & 0xFF) == ERROR) {
            throwServerError(Arrays.copyOfRange(packet, 1, packet.length));
        }
    }

    private void throwServerError(byte[] packet) {
        try {
            ErrorPacket error = new ErrorPacket(packet);
            throw NetworkErrors.translate(
                    new ServerException(
                            error.getErrorMessage(), error.getErrorCode(), error.getSqlState()),
                    access);
        } catch (IOException e) {
            throw NetworkErrors.translate(e, access);
        }
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException _) {
            // It is closed as far as it ever will be.
        }
    }
}
