package io.fustor.source.mysql.connection;

import com.mysql.cj.conf.PropertySet;
import com.mysql.cj.log.Log;
import com.mysql.cj.protocol.ServerSession;
import com.mysql.cj.protocol.SocketConnection;
import com.mysql.cj.protocol.StandardSocketFactory;
import java.io.Closeable;
import java.io.IOException;
import javax.net.ssl.SSLSocket;

/// Gives the SQL driver the socket of the current [ConnectAttempt], so that the driver never looks
/// up a name; it still verifies certificates against the name. Everything that the driver reads
/// from it is bounded ([AnswerFrames]), over TLS too. The driver creates this class by its name.
public final class AttemptSocketFactory extends StandardSocketFactory {

    static final ScopedValue<ConnectAttempt> ATTEMPT = ScopedValue.newInstance();

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the driver's own signature
    public <T extends Closeable> T connect(
            String host, int port, PropertySet properties, int loginTimeout) throws IOException {
        this.host = host;
        this.port = port;
        rawSocket = ATTEMPT.get().connect();
        configureSocket(rawSocket, properties);
        sslSocket = rawSocket;
        return (T) rawSocket;
    }

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"}) // the driver's own signature
    public <T extends Closeable> T performTlsHandshake(
            SocketConnection connection, ServerSession session, Log log) throws IOException {
        FramedTlsSocket.prepare(rawSocket);
        SSLSocket tls = super.performTlsHandshake(connection, session, log);
        sslSocket = FramedTlsSocket.over(tls, rawSocket);
        return (T) sslSocket;
    }
}
