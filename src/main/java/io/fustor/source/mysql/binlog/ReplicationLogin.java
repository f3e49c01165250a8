package io.fustor.source.mysql.binlog;

import com.github.shyiko.mysql.binlog.network.Authenticator;
import com.github.shyiko.mysql.binlog.network.ClientCapabilities;
import com.github.shyiko.mysql.binlog.network.protocol.GreetingPacket;
import com.github.shyiko.mysql.binlog.network.protocol.PacketChannel;
import com.github.shyiko.mysql.binlog.network.protocol.ResultSetRowPacket;
import com.github.shyiko.mysql.binlog.network.protocol.command.QueryCommand;
import com.github.shyiko.mysql.binlog.network.protocol.command.SSLRequestCommand;
import io.fustor.source.mysql.connection.FramedSocket;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.ServerVersion;
import io.fustor.source.mysql.server.SessionMark;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.time.Duration;

/// Logs in at a server for replication: greeting, TLS, authentication and settings of the session.
/// Handshake and authentication are the connector library's.
///
/// For one thread. Every method blocks on the server.
final class ReplicationLogin {

    /// In seconds: how long the server waits for a subscriber that does not read.
    private static final int NET_WRITE_TIMEOUT = 600;

    private final ServerAccess access;
    private final Socket socket;
    private final PacketChannel channel;

    /// A connection that is logged in.
    ///
    /// @param channel sends commands and reads their answers
    /// @param stream the bytes that the server sends, decrypted
    /// @param serverUuid of the server at the other end, or its substitute
    /// @param mark shows whether another connection leads to the same server
    /// @param threadId the number by which the server knows the connection
    record Session(
            PacketChannel channel,
            InputStream stream,
            String serverUuid,
            SessionMark mark,
            boolean isMariaDb,
            long threadId) {}

    private ReplicationLogin(ServerAccess access, Socket socket, PacketChannel channel) {
        this.access = access;
        this.socket = socket;
        this.channel = channel;
    }

    /// Logs in over a connected socket.
    ///
    /// @param heartbeat how often the server sends something at least
    /// @throws SourceException if the server refuses the login, or is no MySQL server
    static Session logIn(ServerAccess access, Socket socket, Duration heartbeat)
            throws IOException {
        socket.setTcpNoDelay(true);
        socket.setKeepAlive(true);
        socket.setSoTimeout((int) access.connection().connectTimeout().toMillis());
        return new ReplicationLogin(access, socket, new PacketChannel(socket)).run(heartbeat);
    }

    private Session run(Duration heartbeat) throws IOException {
        GreetingPacket greeting = greeting();
        Socket wire = secure(greeting);
        new Authenticator(
                        greeting,
                        channel,
                        null,
                        access.credential().user(),
                        access.credential().password())
                .authenticate();
        channel.authenticationComplete();
        ServerVersion version = new ServerVersion(greeting.getServerVersion());
        setVariables(version, heartbeat.toNanos());
        return new Session(
                channel,
                FramedSocket.unframed(wire),
                query(version.uuidQuery()),
                takeMark(SessionMark.draw()),
                version.isMariaDb(),
                greeting.getThreadId());
    }

    private GreetingPacket greeting() throws IOException {
        byte[] packet = channel.read();
        NetworkErrors.throwIfError(packet, access);
        if (packet.length == 0 || packet[0] != 10) {
            throw new SourceException(
                    FailureCode.NOT_MYSQL,
                    access.address() + " answers, but does not speak MySQL's protocol");
        }
        return new GreetingPacket(packet);
    }

    /// Upgrades to TLS if mode and server allow it, and returns the socket that carries the
    /// decrypted bytes.
    private Socket secure(GreetingPacket greeting) throws IOException {
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
        channel.write(request);
        TlsSocketFactory factory = new TlsSocketFactory(access);
        channel.upgradeToSSL(factory, null);
        Socket made = factory.made();
        return made == null ? socket : made;
    }

    private void setVariables(ServerVersion version, long heartbeatNanos) throws IOException {
        run(
                "SET @master_binlog_checksum = @@global.binlog_checksum,"
                        + " @source_binlog_checksum = @@global.binlog_checksum,"
                        + " @master_heartbeat_period = "
                        + heartbeatNanos
                        + ", @source_heartbeat_period = "
                        + heartbeatNanos);
        run("SET SESSION net_write_timeout = " + NET_WRITE_TIMEOUT);
        if (version.isMariaDb()) {
            run("SET @mariadb_slave_capability = 4");
        }
    }

    private SessionMark takeMark(SessionMark drawn) throws IOException {
        try {
            return query("SELECT " + drawn.take()).equals("1") ? drawn : SessionMark.NONE;
        } catch (SourceException e) {
            if (e.code() != FailureCode.SERVER_ERROR) {
                throw e;
            }
            return SessionMark.NONE;
        }
    }

    /// The first value of a result of one row: column count, column, end, row, end.
    private String query(String sql) throws IOException {
        run(sql);
        channel.read();
        channel.read();
        byte[] row = channel.read();
        NetworkErrors.throwIfError(row, access);
        String value = new ResultSetRowPacket(row).getValue(0);
        channel.read();
        return value;
    }

    private void run(String statement) throws IOException {
        channel.write(new QueryCommand(statement));
        NetworkErrors.throwIfError(channel.read(), access);
    }
}
