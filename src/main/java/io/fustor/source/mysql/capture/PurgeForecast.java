package io.fustor.source.mysql.capture;

import io.fustor.source.mysql.position.BinlogPosition;
import io.fustor.source.mysql.position.FeedPosition;
import io.fustor.source.mysql.server.MySqlServer.BinlogFile;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// How long a server will keep what follows a place, as far as its files and settings say: a file
/// is purged whole, so long after the one behind it was begun.
///
/// @param server the number of the server that the files are of
/// @param files that it has, oldest first
/// @param retention how long it keeps a file that it writes no more; null where it does not purge
///   by itself, or nobody knows when
/// @param now by the server's clock
/// @param begun when a file was begun; asked for files that places stand in front of
public record PurgeForecast(
        long server,
        List<BinlogFile> files,
        @Nullable Duration retention,
        Instant now,
        Function<String, Instant> begun) {

    /// Who has less than this part of the retention left is in danger.
    private static final int DANGER = 5;

    /// Of a server that is purged by hand, the oldest file counts as the next to go where it has so
    /// many at least.
    private static final int FEW_FILES = 3;

    /// How long what follows a place will be kept at the least; null where that is not known. Zero
    /// or less where it may be purged at any moment, or is.
    public @Nullable Duration left(FeedPosition place) {
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

    /// What threatens a place, in words that go on from its owner's name; null where nothing does
    /// soon.
    public @Nullable String threat(FeedPosition place) {
        if (place.server() != server) {
            return null;
        }
        int file = indexOf(place);
        if (file < 0) {
            return place.fileNumber() < BinlogPosition.fileNumber(files.getFirst().name())
                    ? "stands in a binlog file that is purged"
                    : null;
        }
        String name = files.get(file).name();
        Duration left = left(place);
        Duration kept = retention;
        if (left == null || kept == null) {
            return file == 0 && files.size() >= FEW_FILES
                    ? "stands in "
                            + name
                            + ", the oldest binlog file of "
                            + files.size()
                            + ": the next purge takes it"
                    : null;
        }
        return left.compareTo(kept.dividedBy(DANGER)) < 0
                ? "stands in "
                        + name
                        + ", which the server may purge "
                        + (left.isPositive() ? "in " + left.toSeconds() + " s" : "now")
                        + " (binlog_expire_logs_seconds = "
                        + kept.toSeconds()
                        + ")"
                : null;
    }

    private int indexOf(FeedPosition place) {
        for (int i = 0; i < files.size(); i++) {
            if (BinlogPosition.fileNumber(files.get(i).name()) == place.fileNumber()) {
                return i;
            }
        }
        return -1;
    }
}
