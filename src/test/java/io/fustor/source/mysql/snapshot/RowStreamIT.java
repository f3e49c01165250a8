package io.fustor.source.mysql.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.connection.ConnectionProperties;
import io.fustor.source.mysql.connection.Credential;
import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.ServerAddress;
import io.fustor.source.mysql.connection.SqlConnections;
import io.fustor.source.mysql.connection.TlsMode;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.server.ServerSession;
import io.fustor.source.mysql.support.Sql;
import io.fustor.source.mysql.support.TestMySql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RowStreamIT {

    private static final TestMySql MYSQL = TestMySql.shared();

    /// Far more rows than fit into any buffer.
    private static final String MANY =
            "SELECT REPEAT('x', 1000) FROM information_schema.COLLATIONS a,"
                    + " information_schema.COLLATIONS b, information_schema.COLLATIONS c";

    private static ServerAccess access(TlsMode tls, Duration readTimeout) {
        return new ServerAccess(
                ServerAddress.parse(MYSQL.uri()),
                new Credential(MYSQL.user(), MYSQL.password()),
                new ConnectionProperties(Duration.ofSeconds(5), readTimeout, tls, null, ""));
    }

    private final ServerAccess access = access(TlsMode.DISABLED, Duration.ofSeconds(20));

    private static boolean nextRow(RowStream rows) {
        while (!rows.next()) {
            if (rows.isOver()) {
                return false;
            }
        }
        return true;
    }

    /// The rows of one text column, without header and bitmap.
    private static List<String> texts(Connection connection, ServerAccess access, String sql) {
        List<String> texts = new ArrayList<>();
        try (RowStream rows = RowStream.open(connection, access, sql)) {
            while (nextRow(rows)) {
                int from = rows.from() + 2;
                texts.add(new String(rows.array(), from, rows.to() - from, UTF_8));
            }
            assertThat(rows.hasBuffered()).isFalse();
        }
        return texts;
    }

    private static String value(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(row.getMetaData().getColumnCount());
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TlsMode.class,
            names = {"DISABLED", "REQUIRED"})
    void leavesTheConnectionToTheDriverBetweenQueries(TlsMode tls) throws SQLException {
        ServerAccess access = access(tls, Duration.ofSeconds(20));
        try (Connection connection = SqlConnections.open(access)) {
            connection.setAutoCommit(false);
            for (int i = 0; i < 3; i++) {
                assertThat(texts(connection, access, "SELECT 'a' UNION ALL SELECT 'bc'"))
                        .containsExactly("\u0001a", "\u0002bc");
                assertThat(value(connection, "SELECT 'between'")).isEqualTo("between");
            }
            assertThat(value(connection, "SHOW SESSION STATUS LIKE 'Com_stmt_prepare'"))
                    .isEqualTo("3");
            assertThat(value(connection, "SHOW SESSION STATUS LIKE 'Com_stmt_close'"))
                    .isEqualTo("3");
            assertThat(connection.getNetworkTimeout()).isEqualTo(20_000);
            connection.rollback();
        }
    }

    @Test
    void endsAtOnceWhereThereAreNoRows() throws SQLException {
        try (Connection connection = SqlConnections.open(access)) {
            assertThat(texts(connection, access, "SELECT 'a' FROM DUAL WHERE 1 = 0")).isEmpty();
            assertThat(value(connection, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void yieldsCellsOfManyColumns() throws SQLException {
        try (Connection connection = SqlConnections.open(access);
                RowStream rows =
                        RowStream.open(connection, access, "SELECT NULL, 1, 'x', NULL, 258")) {
            assertThat(nextRow(rows)).isTrue();
            assertThat(rows.columnCount()).isEqualTo(5);
            byte[] row = java.util.Arrays.copyOfRange(rows.array(), rows.from(), rows.to());
            assertThat(row[1]).isEqualTo((byte) 0b100100);
            assertThat(nextRow(rows)).isFalse();
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = TlsMode.class,
            names = {"DISABLED", "REQUIRED"})
    void putsRowsOfManyPacketsTogether(TlsMode tls) throws SQLException {
        ServerAccess access = access(tls, Duration.ofSeconds(20));
        // Header, bitmap and length take six bytes: the second row fills one packet exactly, and an
        // empty one follows.
        int[] lengths = {3, 0xFF_FFFF - 6, 40 * 1024 * 1024, 5};
        StringBuilder sql = new StringBuilder();
        for (int length : lengths) {
            sql.append(sql.isEmpty() ? "" : " UNION ALL ")
                    .append("SELECT CONCAT(REPEAT('x', ")
                    .append(length - 1)
                    .append("), 'y')");
        }
        try (Connection connection = SqlConnections.open(access);
                RowStream rows = RowStream.open(connection, access, sql.toString())) {
            for (int length : lengths) {
                assertThat(nextRow(rows)).isTrue();
                int prefix = length < 251 ? 1 : length <= 0xFF_FFFF ? 4 : 9;
                assertThat(rows.to() - rows.from()).isEqualTo(2 + prefix + length);
                assertThat(rows.array()[rows.from() + 2 + prefix]).isEqualTo((byte) 'x');
                assertThat(rows.array()[rows.to() - 2]).isEqualTo((byte) 'x');
                assertThat(rows.array()[rows.to() - 1]).isEqualTo((byte) 'y');
            }
            assertThat(nextRow(rows)).isFalse();
            assertThat(value(connection, "SELECT 1")).isEqualTo("1");
        }
    }

    @Test
    void namesAnErrorOfTheStatement() throws SQLException {
        try (Connection connection = SqlConnections.open(access)) {
            var failure =
                    catchThrowableOfType(
                            SourceException.class,
                            () ->
                                    RowStream.open(
                                            connection, access, "SELECT 1 FROM no.such_table"));

            assertThat(failure.code()).isEqualTo(FailureCode.SERVER_ERROR);
            assertThat(ServerSession.errorNumber(failure)).isEqualTo(1049);
            assertThat(value(connection, "SELECT 1")).isEqualTo("1");
            assertThat(connection.getNetworkTimeout()).isEqualTo(20_000);
        }
    }

    @Test
    void namesAnErrorAmongTheRows() throws SQLException {
        try (Connection connection = SqlConnections.open(access)) {
            String id = value(connection, "SELECT CONNECTION_ID()");
            try (RowStream rows = RowStream.open(connection, access, MANY)) {
                assertThat(nextRow(rows)).isTrue();
                MYSQL.execute("KILL QUERY " + id);

                var failure =
                        catchThrowableOfType(
                                SourceException.class,
                                () -> {
                                    while (nextRow(rows)) {
                                        assertThat(rows.isOver()).isFalse();
                                    }
                                });

                assertThat(failure.code()).isEqualTo(FailureCode.SERVER_ERROR);
                assertThat(ServerSession.errorNumber(failure)).isEqualTo(1317);
                assertThat(rows.isOver()).isTrue();
            }
            assertThat(value(connection, "SELECT 1")).isEqualTo("1");
            assertThat(value(connection, "SHOW SESSION STATUS LIKE 'Com_stmt_close'"))
                    .isEqualTo("1");
        }
    }

    @Test
    void endsTheConnectionWhereRowsAreLeft() throws SQLException {
        try (Connection connection = SqlConnections.open(access)) {
            String id = value(connection, "SELECT CONNECTION_ID()");
            try (RowStream rows = RowStream.open(connection, access, MANY)) {
                assertThat(nextRow(rows)).isTrue();
            }

            assertThat(connection.isClosed()).isTrue();
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () ->
                                    assertThat(
                                                    Sql.column(
                                                            MYSQL,
                                                            "SELECT ID FROM information_schema"
                                                                    + ".PROCESSLIST",
                                                            1))
                                            .doesNotContain(id));
        }
    }

    @Test
    void ticksWhileTheServerIsSilent() throws SQLException {
        try (Connection connection = SqlConnections.open(access);
                RowStream rows =
                        RowStream.open(connection, access, "SELECT CONCAT('x', SLEEP(4))")) {
            assertThat(rows.next()).isFalse();
            assertThat(rows.isOver()).isFalse();
            assertThat(nextRow(rows)).isTrue();
            assertThat(nextRow(rows)).isFalse();
        }
    }

    @Test
    void givesAServerUpThatIsSilentForTheReadTimeout() throws SQLException {
        ServerAccess impatient = access(TlsMode.DISABLED, Duration.ofSeconds(3));
        try (Connection connection = SqlConnections.open(impatient)) {
            var failure =
                    catchThrowableOfType(
                            SourceException.class,
                            () -> texts(connection, impatient, "SELECT CONCAT('x', SLEEP(30))"));

            assertThat(failure.code()).isEqualTo(FailureCode.SERVER_STALLED);
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void namesALostConnection() throws SQLException {
        try (Connection connection = SqlConnections.open(access)) {
            String id = value(connection, "SELECT CONNECTION_ID()");
            try (RowStream rows =
                    RowStream.open(connection, access, "SELECT CONCAT('x', SLEEP(30))")) {
                assertThat(rows.next()).isFalse();
                MYSQL.execute("KILL CONNECTION " + id);

                assertThatThrownBy(() -> nextRow(rows))
                        .isInstanceOfSatisfying(
                                SourceException.class,
                                e -> assertThat(e.code()).isEqualTo(FailureCode.CONNECTION_LOST));
            }
            assertThat(connection.isClosed()).isTrue();
        }
    }

    @Test
    void takesNoStatementWithParametersOrWithoutColumns() throws SQLException {
        for (String sql : List.of("SELECT ?", "DO 1")) {
            try (Connection connection = SqlConnections.open(access)) {
                assertThatThrownBy(() -> RowStream.open(connection, access, sql))
                        .isInstanceOf(IllegalArgumentException.class);
                assertThat(connection.isClosed()).isTrue();
            }
        }
    }
}
