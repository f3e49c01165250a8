package io.fustor.source.mysql.faults;

import com.github.shyiko.mysql.binlog.BinaryLogClient;
import io.fustor.source.mysql.support.TestMySql;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Another replica of a server, by a server id of the test's choice.
final class TwinReplica implements AutoCloseable {

    private final BinaryLogClient client;

    TwinReplica(TestMySql mysql, long serverId) {
        client =
                new BinaryLogClient(
                        mysql.host(),
                        mysql.port(),
                        TestMySql.CAPTURE.user(),
                        TestMySql.CAPTURE.password());
        client.setServerId(serverId);
        client.setKeepAlive(false);
    }

    void follow() throws IOException {
        try {
            client.connect(TimeUnit.SECONDS.toMillis(10));
        } catch (TimeoutException e) {
            throw new IOException(e);
        }
    }

    boolean isFollowing() {
        return client.isConnected();
    }

    @Override
    public void close() throws IOException {
        client.disconnect();
    }
}
