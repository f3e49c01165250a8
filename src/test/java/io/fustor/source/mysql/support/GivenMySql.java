package io.fustor.source.mysql.support;

import java.net.URI;
import java.util.List;
import java.util.Optional;

/// A server outside of the tests, named by `FUSTOR_TEST_MYSQL_URL`
/// (`mysql://user:password@host:port`); it is used where tests share a server, and is never
/// stopped.
record GivenMySql(String host, int port, String user, String password) implements ServerHandle {

    static final String VARIABLE = "FUSTOR_TEST_MYSQL_URL";

    static Optional<ServerHandle> fromEnvironment() {
        return Optional.ofNullable(System.getenv(VARIABLE))
                .filter(url -> !url.isBlank())
                .map(GivenMySql::of);
    }

    static GivenMySql of(String url) {
        var uri = URI.create(url);
        var login = uri.getUserInfo();
        if (!"mysql".equals(uri.getScheme()) || uri.getHost() == null || login == null) {
            throw new IllegalArgumentException(
                    VARIABLE + " must read mysql://user:password@host:port");
        }
        int colon = login.indexOf(':');
        return new GivenMySql(
                uri.getHost(),
                uri.getPort() < 0 ? 3306 : uri.getPort(),
                colon < 0 ? login : login.substring(0, colon),
                colon < 0 ? "" : login.substring(colon + 1));
    }

    @Override
    public long pid() {
        throw notOurs();
    }

    @Override
    public void stop() {
        throw notOurs();
    }

    @Override
    public void kill() {
        throw notOurs();
    }

    @Override
    public void startAgain(List<String> furtherOptions) {
        throw notOurs();
    }

    @Override
    public void freeze() {
        throw notOurs();
    }

    @Override
    public void thaw() {
        throw notOurs();
    }

    @Override
    public String log() {
        throw notOurs();
    }

    @Override
    public void close() {}

    private static UnsupportedOperationException notOurs() {
        return new UnsupportedOperationException(
                "A test stops and starts only servers of its own: use TestMySql.start()");
    }
}
