package io.fustor.source.mysql.server;

import io.fustor.source.mysql.connection.ServerAccess;
import io.fustor.source.mysql.connection.SqlConnections;
import io.fustor.source.mysql.connection.SqlErrors;
import io.fustor.source.mysql.connection.SqlRows;
import io.fustor.source.mysql.connection.TimeLimit;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.schema.Selection;
import io.fustor.source.mysql.schema.TableId;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The questions of a running source to its server, over SQL. Questions about positions and
/// settings share one connection ([Questions]): three hundred subscribers that ask for the end of
/// the binlog use one connection. Questions that open tables have their own connections
/// ([TableQuestions]).
///
/// Any thread may call. A call blocks for the connect timeout and the time of a question at most.
/// Every method throws a [SourceException] if the server cannot be reached or refuses the question.
public final class MySqlServer implements AutoCloseable {

    /// A global privilege is missing.
    private static final int SPECIFIC_ACCESS_DENIED = 1227;

    private static final int NO_SUCH_THREAD = 1094;

    private static final Logger log = LoggerFactory.getLogger(MySqlServer.class);

    private final ServerAccess access;
    private final Questions questions;
    private final TableQuestions tableQuestions;
    private volatile @Nullable Met met;
    private volatile String baseName = "";
    private final SharedAnswer<BinlogStatus> statuses = shared(this::status);
    private final SharedAnswer<List<BinlogFile>> fileLists = shared(BinlogFiles::list);
    private final SharedAnswer<EndStatus> ends = shared(this::end);
    private final SharedAnswer<ServerIdentity> identities = shared(this::identity);
    private final Sightings sightings = new Sightings(this::shared);
    private final TableAnswers tables;

    /// A file of the binlog.
    ///
    /// @param size in bytes
    public record BinlogFile(String name, long size) {}

    /// The server to which a connection leads.
    private record Met(Connection connection, ServerIdentity identity) {}

    public MySqlServer(ServerAccess access) {
        this.access = access;
        this.questions = new Questions(access);
        this.tableQuestions = new TableQuestions(access);
        this.tables = new TableAnswers(tableQuestions, access);
    }

    public ServerAccess access() {
        return access;
    }

    /// The identity of the server; asked once for each connection.
    public ServerIdentity identity() {
        return identities.get();
    }

    /// Checks that the server accepts a login now and writes what a feed needs. Uses a new
    /// connection, since an open one survives changes of its user.
    ///
    /// @throws SourceException for what is missing
    public void requireCapturable() {
        try (Connection open = SqlConnections.open(access);
                TimeLimit _ = TimeLimit.start(open, Questions.LONGEST)) {
            BinlogStatus status = BinlogStatus.read(open, ServerIdentity.read(open));
            if (status == null) {
                throw binlogDisabled();
            }
            noteNames(status);
            String format = SqlRows.text(open, "SELECT @@global.binlog_format");
            if (!format.equals("ROW")) {
                throw new SourceException(
                        FailureCode.STATEMENT_FORMAT,
                        "binlog_format is "
                                + format
                                + ": set it to ROW (SET PERSIST binlog_format = 'ROW')");
            }
        } catch (SQLException e) {
            throw SqlErrors.translate(e, access);
        }
        questions.noteAnswer();
    }

    /// Whether the server writes the columns' names into table maps; sessions cannot change that.
    public boolean writesColumnNames() {
        return ask(
                open ->
                        SqlRows.text(open, "SHOW GLOBAL VARIABLES LIKE 'binlog_row_metadata'", 2)
                                .equalsIgnoreCase("FULL"));
    }

    /// Whether this connection leads to the server of the session that has a mark. True if the mark
    /// cannot tell.
    public boolean sees(SessionMark mark) {
        return sightings.sees(mark);
    }

    /// Checks that another connection leads to the same server as this one: an address may lead to
    /// several.
    ///
    /// @throws SourceException `CONNECTION_LOST` if it leads to another one
    /// @throws SQLException the driver's, of the other connection
    public void requireSame(Connection other) throws SQLException {
        SessionMark mark = SessionMark.draw();
        String taken;
        try {
            taken = SqlRows.text(other, "SELECT " + mark.take());
        } catch (SQLException e) {
            if (SqlErrors.translate(e, access).code() != FailureCode.SERVER_ERROR) {
                throw e;
            }
            return;
        }
        requireSeen(taken.equals("1") ? mark : SessionMark.NONE, "another server");
    }

    /// Checks that this connection leads to the server of the session that has a mark. If it does
    /// not, it is closed, since it may still lead to an old server.
    ///
    /// @param other names that server in the failure
    /// @throws SourceException `CONNECTION_LOST`
    public void requireSeen(SessionMark mark, String other) {
        if (!sees(mark)) {
            distrust();
            throw new SourceException(
                    FailureCode.CONNECTION_LOST,
                    access.address() + " led to another server just now, " + other);
        }
    }

    /// The end of the binlog.
    ///
    /// @throws SourceException `BINLOG_DISABLED` if the server writes none
    public BinlogStatus status() {
        return statuses.get();
    }

    /// The end of the binlog, asked twice.
    ///
    /// @param first asked before the question for transactions that are being committed
    /// @param last asked after that question
    /// @param isSettled whether the last set holds exactly the GTIDs before the last position:
    ///   nothing was written in between, and no transaction was being committed. Always true
    ///   without GTIDs
    public record EndStatus(BinlogStatus first, BinlogStatus last, boolean isSettled) {}

    /// The end of the binlog, and whether the server answered in a moment without commits. A
    /// transaction of MySQL owns its GTID (`gtid_owned`) from before it is written until it is in
    /// `gtid_executed`. MariaDB's state contains a GTID before the position is after it: if the
    /// position stays the same, the state that was asked for in between belongs to it.
    public EndStatus end() {
        return ends.get();
    }

    private EndStatus end(Connection open) throws SQLException {
        BinlogStatus first = status(open);
        if (first.executed() == null) {
            return new EndStatus(first, first, true);
        }
        boolean isMariaDb = first.server().isMariaDb();
        boolean isQuiet = isMariaDb || SqlRows.text(open, "SELECT @@global.gtid_owned").isEmpty();
        BinlogStatus last = status(open);
        if (isMariaDb && first.position().equals(last.position())) {
            return new EndStatus(first, first, true);
        }
        return new EndStatus(first, last, isQuiet && first.position().equals(last.position()));
    }

    /// The name of the binlog file of a number; only the number before the first question.
    public String fileName(long number) {
        return baseName + "%06d".formatted(number);
    }

    /// A place as the server prints it.
    public BinlogPosition position(Place place) {
        return new BinlogPosition(fileName(place.fileNumber()), place.offset());
    }

    /// The files of the binlog that the server still has, oldest first.
    ///
    /// @throws SourceException `BINLOG_DISABLED` if the server writes none
    public List<BinlogFile> files() {
        List<BinlogFile> files = fileLists.get();
        if (files.isEmpty()) {
            throw binlogDisabled();
        }
        return files;
    }

    /// The GTIDs of the transactions that the server no longer has in its binlog.
    public GtidSet purged() {
        if (identity().isMariaDb()) {
            return gtidsBefore(files().getFirst().name());
        }
        return ask(open -> GtidSet.parse(SqlRows.text(open, "SELECT @@global.gtid_purged")));
    }

    /// The GTIDs of the files before one, as a MariaDB writes them at its start.
    ///
    /// @param file a name that the server gave
    /// @throws SourceException `CONNECTION_LOST` if the server has only just begun the file
    public GtidSet gtidsBefore(String file) {
        return ask(open -> BinlogFiles.gtidsBefore(open, file));
    }

    /// How long the server keeps a binlog file to which it no longer writes; null if it purges none
    /// by itself.
    public @Nullable Duration retention() {
        return ask(BinlogFiles::retention);
    }

    /// Whether row images have all columns, unless a session has a setting of its own.
    public boolean writesWholeRows() {
        return ask(
                open ->
                        SqlRows.text(open, "SELECT @@global.binlog_row_image")
                                .equalsIgnoreCase("FULL"));
    }

    /// The server's clock, in microseconds since 1970.
    public long clockMicros() {
        return ask(
                open ->
                        (long)
                                (Double.parseDouble(
                                                SqlRows.text(open, "SELECT UNIX_TIMESTAMP(NOW(6))"))
                                        * 1e6));
    }

    /// The names of a table's columns in table order; empty if there is no such table.
    ///
    /// @throws SourceException `TABLE_LOCKED`, `TABLE_UNREADABLE`
    public Set<String> columns(String schema, String table) {
        return tables.columns(new TableId(schema, table));
    }

    /// Receives a column of a table.
    public interface ColumnVisitor {
        void visit(TableId table, String column);
    }

    /// Visits the columns with some names, in all tables that the user sees; a column may come
    /// twice.
    public void visitColumns(Collection<String> names, ColumnVisitor visitor) {
        tableQuestions.ask(
                open -> {
                    NamedColumns.visit(open, names, visitor);
                    return true;
                });
    }

    /// Which columns with some names each table has that is wanted and that the user sees.
    ///
    /// @param names as [io.fustor.source.mysql.schema.NameRule#column] gives them
    public Map<TableId, Set<String>> columnsOf(Predicate<TableId> wanted, Set<String> names) {
        return tableQuestions.ask(open -> NamedColumns.of(open, names, wanted));
    }

    /// The tables of a selection that the user may see, as they are now.
    public TableDrafts describe(Selection selection) {
        return tables.describe(selection);
    }

    /// A table as it is now, or null if there is none.
    public @Nullable TableDescription describe(TableId table) {
        try {
            return tableQuestions.ask(open -> TableDescriptions.of(open, table));
        } catch (SourceException e) {
            throw TableFailures.about(table, e);
        }
    }

    /// The tables whose query the server refuses to run because of the table. Reads no rows.
    ///
    /// @param queries by table; none has two columns of one name
    /// @throws SourceException `TABLE_LOCKED` if another session has locked a table
    public List<PassedOver> unreadable(Map<TableId, String> queries) {
        return tableQuestions.ask(open -> new TableProbe(open, access).unreadable(queries));
    }

    /// Ends the dump of another connection of the same user, and with it that connection. Nothing
    /// depends on it, so a failure is only logged.
    ///
    /// Never by `KILL CONNECTION`: MySQL then closes the connection's descriptor while the dump's
    /// thread may be writing a TLS record, and the record goes to the client that connects next.
    /// `KILL QUERY` leaves the descriptor to its thread, as does a replica that connects again.
    ///
    /// @param uuid of the connection's server; the address may lead to another one now
    /// @param threadId the connection's number at the server
    public void endDump(String uuid, long threadId) {
        try {
            ask(open -> identity(open).uuid().equals(uuid) && kill(open, threadId));
        } catch (SourceException e) {
            log.debug("dump of connection={} was left to the server: {}", threadId, e.getMessage());
        }
    }

    /// Closes the connection, also during a question, since the server was found silent. The next
    /// caller and those that wait get a new one. Does not wait.
    public void distrust() {
        questions.distrust();
    }

    /// The time of the server's last answer, by [System#nanoTime].
    public long answered() {
        return questions.answered();
    }

    private static boolean kill(Connection open, long threadId) throws SQLException {
        try {
            SqlRows.execute(open, "KILL QUERY " + threadId);
            return true;
        } catch (SQLException e) {
            if (e.getErrorCode() == NO_SUCH_THREAD) {
                return false;
            }
            throw e;
        }
    }

    /// A question that callers share while they wait for the connection.
    private <T> SharedAnswer<T> shared(Questions.Question<T> question) {
        return new SharedAnswer<>(
                sent ->
                        ask(
                                open -> {
                                    sent.run();
                                    return question.ask(open);
                                }));
    }

    private <T extends @Nullable Object> T ask(Questions.Question<T> question) {
        try {
            return questions.ask(question);
        } catch (SourceException e) {
            boolean isOfServer = ServerSession.errorNumber(e) == SPECIFIC_ACCESS_DENIED;
            throw isOfServer ? MissingPrivileges.all(e, access) : e;
        }
    }

    @SuppressWarnings("ReferenceEquality") // the same connection, or another
    private ServerIdentity identity(Connection open) throws SQLException {
        Met known = met;
        if (known == null || known.connection() != open) {
            known = new Met(open, ServerIdentity.read(open));
            met = known;
        }
        return known.identity();
    }

    private BinlogStatus status(Connection open) throws SQLException {
        BinlogStatus status = BinlogStatus.read(open, identity(open));
        if (status == null) {
            throw binlogDisabled();
        }
        noteNames(status);
        return status;
    }

    private void noteNames(BinlogStatus status) {
        String file = status.position().file();
        baseName = file.substring(0, file.lastIndexOf('.') + 1);
    }

    private SourceException binlogDisabled() {
        return BinlogStatus.binlogDisabled(access);
    }

    @Override
    public void close() {
        questions.close();
        tableQuestions.close();
    }
}
