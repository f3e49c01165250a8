package io.fustor.source.mysql.support;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer;
import com.github.shyiko.mysql.binlog.event.deserialization.EventDeserializer.CompatibilityMode;
import java.util.concurrent.ThreadLocalRandom;
import java.util.logging.Level;
import java.util.logging.Logger;

/// The connector library as its users have it, which decodes the binlog to objects: to be compared
/// with.
public final class ConnectorClient {

    /// Says at every start where it reads from.
    private static final Logger LOG_OF_CLIENT = Logger.getLogger(BinaryLogClient.class.getName());

    static {
        LOG_OF_CLIENT.setLevel(Level.WARNING);
    }

    private ConnectorClient() {}

    /// A client that decodes, times as microseconds, and that gives up where its connection breaks.
    ///
    /// @param furtherModes how it decodes, beside that
    public static BinaryLogClient to(TestMySql mysql, CompatibilityMode... furtherModes) {
        TestMySql.Login login = TestMySql.CAPTURE;
        BinaryLogClient client =
                new BinaryLogClient(mysql.host(), mysql.port(), login.user(), login.password());
        EventDeserializer deserializer = new EventDeserializer();
        deserializer.setCompatibilityMode(
                CompatibilityMode.DATE_AND_TIME_AS_LONG_MICRO, furtherModes);
        client.setEventDeserializer(deserializer);
        client.setServerId(ThreadLocalRandom.current().nextLong(1L << 31, (1L << 32) - 1));
        client.setKeepAlive(false);
        return client;
    }
}
