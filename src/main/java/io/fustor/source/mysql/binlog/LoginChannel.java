package io.fustor.source.mysql.binlog;

import com.github.shyiko.mysql.binlog.network.protocol.PacketChannel;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.ServerAccess;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The connector library's channel, without one of its courtesies: to a server that asks for the
/// password as it is, the library says it on any connection. Here it does so over TLS only.
final class LoginChannel extends PacketChannel {

    /// What a server's wish for another way to log in begins with (`AuthSwitchRequest`).
    private static final byte[] SWITCH_TO_CLEAR =
            "\u00femysql_clear_password\0".getBytes(StandardCharsets.ISO_8859_1);

    private final ServerAccess access;

    LoginChannel(Socket socket, ServerAccess access) throws IOException {
        super(socket);
        this.access = access;
    }

    /// @throws SourceException `TLS_REQUIRED` where the server asks for the password as it is, and
    ///   anybody between could read it
    @Override
    public byte[] read() throws IOException {
        byte[] packet = super.read();
        if (!isSSL() && asksForPassword(packet)) {
            throw new SourceException(
                    FailureCode.TLS_REQUIRED,
                    access.address()
                            + " asks for the password as it is (mysql_clear_password), which is"
                            + " sent over TLS only: set fustor.mysql.tls to required or verify more");
        }
        return packet;
    }

    private static boolean asksForPassword(byte[] packet) {
        int length = SWITCH_TO_CLEAR.length;
        // The name's end may be the packet's.
        return packet.length >= length - 1
                && Arrays.equals(packet, 0, length - 1, SWITCH_TO_CLEAR, 0, length - 1)
                && (packet.length == length - 1 || packet[length - 1] == 0);
    }
}
