package io.fustor.source.mysql.support;

import java.util.List;
import java.util.Objects;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;

/// A MySQL server in a container. Its port on this machine is chosen here and not by Docker, which
/// would choose another one at every start.
final class MySqlInDocker implements ServerHandle {

    /// What stands for the mysqld that the build brings along.
    static final String IMAGE =
            Objects.requireNonNullElse(System.getenv("FUSTOR_TEST_MYSQL_IMAGE"), "mysql:8.4");

    private final GenericContainer<?> container;
    private final int port;

    private MySqlInDocker(GenericContainer<?> container, int port) {
        this.container = container;
        this.port = port;
    }

    static MySqlInDocker start(String image, List<String> options) {
        int port = FreePort.choose();
        // The container outlives a stop, and Testcontainers removes it when this JVM is gone.
        @SuppressWarnings("resource")
        var container =
                new GenericContainer<>(image)
                        .withEnv("MYSQL_ROOT_PASSWORD", TestMySql.ROOT.password())
                        .withCopyToContainer(
                                Transferable.of(
                                        String.join(";\n", TestMySql.CREATE_LOGINS) + ";\n"),
                                "/docker-entrypoint-initdb.d/logins.sql")
                        .withCommand(options.toArray(String[]::new))
                        .waitingFor(
                                Wait.forLogMessage(".*ready for connections.*port: 3306.*\\s", 1));
        container.setPortBindings(List.of(port + ":3306"));
        container.start();
        return new MySqlInDocker(container, port);
    }

    @Override
    public String host() {
        return container.getHost();
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public String user() {
        return TestMySql.ROOT.user();
    }

    @Override
    public String password() {
        return TestMySql.ROOT.password();
    }

    @Override
    public long pid() {
        var state = docker().inspectContainerCmd(id()).exec().getState();
        return Objects.requireNonNull(state.getPidLong());
    }

    @Override
    public void stop() {
        docker().stopContainerCmd(id()).withTimeout(60).exec();
    }

    @Override
    public void kill() {
        docker().killContainerCmd(id()).exec();
    }

    @Override
    public void startAgain(List<String> furtherOptions) {
        if (!furtherOptions.isEmpty()) {
            throw new UnsupportedOperationException(
                    "A container keeps the options that it was made with");
        }
        docker().startContainerCmd(id()).exec();
        Greeting.await(host(), port, () -> Boolean.TRUE.equals(container.isRunning()));
    }

    @Override
    public void freeze() {
        docker().pauseContainerCmd(id()).exec();
    }

    @Override
    public void thaw() {
        docker().unpauseContainerCmd(id()).exec();
    }

    @Override
    public String log() {
        return container.getLogs();
    }

    @Override
    public void close() {
        container.stop();
    }

    private com.github.dockerjava.api.DockerClient docker() {
        return container.getDockerClient();
    }

    private String id() {
        return container.getContainerId();
    }
}
