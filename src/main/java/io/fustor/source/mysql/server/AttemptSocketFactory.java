package io.fustor.source.mysql.server;

import com.mysql.cj.conf.PropertySet;
import com.mysql.cj.protocol.StandardSocketFactory;
import java.io.Closeable;
import java.io.IOException;

/// Gives the SQL driver the socket of the [ConnectAttempt] that it is called in, so that it never
/// looks a name up by itself; it still verifies certificates against the name. The driver makes it
/// by its name.
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
}
