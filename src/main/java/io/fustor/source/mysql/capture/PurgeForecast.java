package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.server.MySqlServer.BinlogFile;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// Estimates how long a server will keep the binlog after a place, from its files and settings. A
/// file is purged as a whole, a fixed time after the next file was created.
///
/// @param server the number of the server of the files
/// @param files of the server, oldest first
/// @param retention how long the server keeps a file after the last write; null if it does not
///   purge automatically, or if the time is unknown
/// @param now by the server's clock
/// @param begun when a file was created; queried for the files after those of places
public record PurgeForecast(
        long server,
        List<BinlogFile> files,
        @Nullable Duration retention,
        Instant now,
        Function<String, Instant> begun) {

    /// A place is in danger if less than this fraction of the retention is left: a fifth.
    private static final int DANGER = 5;

    /// On a server that is purged manually, the oldest file counts as the next to be purged if
    /// there are at least this many files.
    private static final int FEW_FILES = 3;

    /// The minimum time for which the binlog after a place is kept; null if unknown. Zero or
    /// negative if it may be purged at any moment, or is already purged.
    public @Nullable Duration left(Place place) {
        Duration kept = retention;
        if (kept == null || place.server() != server) {
            return null;
        }
        int file = indexOf(place);
        if (file < 0) {
            return Duration.ZERO;
        }
        return file == files.size() - 1
                ? kept
                : Duration.between(now, begun.apply(files.get(file + 1).name()).plus(kept));
    }

    /// The threat to a place, as a phrase that continues after its owner's name; null if there is
    /// no imminent threat.
    public @Nullable String threat(Place place) {
        if (place.server() != server) {
            return null;
        }
        int file = indexOf(place);
        if (file < 0) {
            return place.fileNumber() < BinlogPosition.fileNumber(files.getFirst().name())
                    ? "is in a binlog file that is purged"
                    : null;
        }
        String name = files.get(file).name();
        Duration left = left(place);
        Duration kept = retention;
        if (left == null || kept == null) {
            return file == 0 && files.size() >= FEW_FILES
                    ? "is in "
                            + name
                            + ", the oldest binlog file of "
                            + files.size()
                            + ": the next purge takes it"
                    : null;
        }
        return left.compareTo(kept.dividedBy(DANGER)) < 0
                ? "is in "
                        + name
                        + ", which the server may purge "
                        + (left.isPositive() ? "in " + left.toSeconds() + " s" : "now")
                        + " (binlog_expire_logs_seconds = "
                        + kept.toSeconds()
                        + ")"
                : null;
    }

    private int indexOf(Place place) {
        for (int i = 0; i < files.size(); i++) {
            if (BinlogPosition.fileNumber(files.get(i).name()) == place.fileNumber()) {
                return i;
            }
        }
        return -1;
    }
}
