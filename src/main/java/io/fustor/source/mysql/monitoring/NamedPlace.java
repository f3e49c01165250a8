package io.fustor.source.mysql.monitoring;

import io.fustor.source.mysql.capture.Capture;
import io.fustor.source.mysql.capture.StartingPoints;
import io.fustor.source.mysql.checkpoint.Checkpoints;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedStart;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.MySqlGtid;
import io.fustor.source.mysql.position.MySqlGtidSet;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.source.SourceRun;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A place as people name it: everything that `from` takes, a GTID or a set of them without a
/// prefix, and a position as the server prints it.
///
/// @param kind what the text is
/// @param token the event id, if the text is one
/// @param start the place by another name; null for an event id and for a position
/// @param position the position, if the text is one
/// @param gtid the transaction, if the text is the GTID of one
record NamedPlace(
        Kind kind,
        @Nullable FeedToken token,
        @Nullable FeedStart start,
        @Nullable BinlogPosition position,
        @Nullable MySqlGtid gtid) {

    /// What a text can be.
    enum Kind {
        NOW,
        EARLIEST,
        EVENT_ID,
        EVENT_ID_IN_SNAPSHOT,
        INDEX,
        TIME,
        GTID,
        GTID_SET,
        POSITION;

        /// The name in answers.
        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Pattern POSITION = Pattern.compile("([^\\s:/]+\\.\\d+):(\\d{1,18})");
    private static final Pattern MYSQL_GTID =
            Pattern.compile(
                    "(\\p{XDigit}{8}(?:-\\p{XDigit}{4}){3}-\\p{XDigit}{12})(?::([a-z_]\\w{0,31}))?:(\\d{1,18})",
                    Pattern.CASE_INSENSITIVE);
    private static final Pattern GTID_SET =
            Pattern.compile(
                    "\\p{XDigit}{8}-\\p{XDigit}{4}-.*|\\d+-\\d+-\\d+(\\s*,.*)?", Pattern.DOTALL);

    /// Reads a text.
    ///
    /// @throws RequestException `INVALID_REQUEST` or `POSITION_INVALID` if it names no place
    static NamedPlace parse(String text) {
        String trimmed = text.strip();
        String bare = trimmed.startsWith("gtid:") ? trimmed.substring(5) : trimmed;
        Matcher gtid = MYSQL_GTID.matcher(bare);
        if (gtid.matches()) {
            String tag = gtid.group(2) == null ? "" : gtid.group(2).toLowerCase(Locale.ROOT);
            long number = Math.max(1, Long.parseLong(gtid.group(3)));
            MySqlGtid one = new MySqlGtid(UUID.fromString(gtid.group(1)), tag, number);
            return new NamedPlace(Kind.GTID, null, null, null, one);
        }
        Matcher position = POSITION.matcher(trimmed);
        if (position.matches()) {
            return new NamedPlace(Kind.POSITION, null, null, position(position), null);
        }
        boolean isSet = GTID_SET.matcher(bare).matches();
        return of(FeedStart.from(isSet ? "gtid:" + bare : trimmed));
    }

    private static BinlogPosition position(Matcher named) {
        try {
            BinlogPosition position =
                    new BinlogPosition(named.group(1), Long.parseLong(named.group(2)));
            position.fileNumber();
            return position;
        } catch (IllegalArgumentException e) {
            throw RequestException.invalid("place.file", named.group(1));
        }
    }

    private static NamedPlace of(FeedStart start) {
        return switch (start) {
            case FeedStart.Resume(FeedToken token) ->
                    new NamedPlace(
                            token.snapshot() == null ? Kind.EVENT_ID : Kind.EVENT_ID_IN_SNAPSHOT,
                            token,
                            null,
                            null,
                            null);
            case FeedStart.Now _ -> by(Kind.NOW, start);
            case FeedStart.Earliest _ -> by(Kind.EARLIEST, start);
            case FeedStart.AfterIndex _ -> by(Kind.INDEX, start);
            case FeedStart.AtTime _ -> by(Kind.TIME, start);
            case FeedStart.AfterGtids _ -> by(Kind.GTID_SET, start);
        };
    }

    private static NamedPlace by(Kind kind, FeedStart start) {
        return new NamedPlace(kind, null, start, null, null);
    }

    /// The place in the binlog of a source's server.
    ///
    /// @throws RequestException if an event id or a file belongs to another server
    /// @throws SourceException if the place is not available, or the server does not say
    Place on(SourceRun run) {
        Capture capture = run.capture();
        StartingPoints points = capture.startingPoints();
        if (token != null) {
            Place place = Checkpoints.requireOf(run, token);
            if (!points.reach(place).available()) {
                // Says in which way it is gone.
                points.resume(place);
            }
            return place;
        }
        if (position != null) {
            requireOf(capture, position);
            return points.afterIndex(position.index());
        }
        if (gtid != null) {
            return points.afterGtids(upTo(capture, gtid));
        }
        return switch (start) {
            case null -> throw new IllegalStateException("a place without a name");
            case FeedStart.Now _ -> points.now();
            case FeedStart.Earliest _ -> points.earliest();
            case FeedStart.AfterIndex(long index) -> points.afterIndex(index);
            case FeedStart.AtTime at -> points.atTime(at.time());
            case FeedStart.AfterGtids after -> points.afterGtids(after.executed());
            case FeedStart.Resume resume -> resume.token().position();
        };
    }

    private static void requireOf(Capture capture, BinlogPosition position) {
        if (!capture.server().fileName(position.fileNumber()).equals(position.file())) {
            throw RequestException.invalid("place.file", position.file());
        }
    }

    /// What the server executed, without the later transactions of the same origin.
    private static MySqlGtidSet upTo(Capture capture, MySqlGtid gtid) {
        if (capture.server().status().executed() instanceof MySqlGtidSet executed) {
            if (!executed.contains(gtid)) {
                throw new SourceException(
                        FailureCode.POSITION_AHEAD,
                        "the server has not executed the transaction " + gtid);
            }
            return executed.upTo(gtid);
        }
        throw RequestException.invalid("place.no-gtids");
    }
}
