package io.fustor.source.mysql.page;

import io.fustor.source.mysql.capture.StartingPoints;
import io.fustor.source.mysql.checkpoint.Checkpoints;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.FeedToken;
import io.fustor.source.mysql.position.Place;
import io.fustor.source.mysql.position.StreamOffset;
import io.fustor.source.mysql.source.SourceRun;
import org.jspecify.annotations.Nullable;

/// Where a page is asked to begin.
sealed interface PageStart {

    /// At the first row of a snapshot.
    record Rows() implements PageStart {}

    /// At the oldest change that the server still has.
    record Earliest() implements PageStart {}

    /// After everything that is committed when the request arrives.
    record Now() implements PageStart {}

    /// After a place.
    ///
    /// @param claimed with epoch 0 if it is unknown
    record After(StreamOffset claimed) implements PageStart {}

    /// Parses the parameter `offset`.
    ///
    /// @param withRows whether a snapshot comes first; a place to resume from wins over it
    /// @throws RequestException `POSITION_INVALID` if it does not accept the text
    static PageStart parse(@Nullable String text, boolean withRows) {
        String asked = text == null || text.isBlank() ? "-1" : text;
        return switch (asked) {
            case "-1" -> withRows ? new Rows() : new Earliest();
            case "now" -> withRows ? new Rows() : new Now();
            default -> after(asked);
        };
    }

    private static After after(String text) {
        try {
            return new After(
                    StreamOffset.isOne(text)
                            ? StreamOffset.parse(text)
                            : new StreamOffset(0, FeedToken.parse(text)));
        } catch (IllegalArgumentException e) {
            throw new RequestException(
                    RequestCode.POSITION_INVALID,
                    Sentence.of("page.offset", String.valueOf(e.getMessage())),
                    e);
        }
    }

    /// The offset on the source's server, with its epoch; null for the first row of a snapshot.
    ///
    /// @throws RequestException `POSITION_INVALID` if the offset is of another source
    /// @throws SourceException if the place is lost, or the server cannot be asked
    default @Nullable StreamOffset offset(SourceRun run, Epochs epochs) {
        StartingPoints points = run.capture().startingPoints();
        return switch (this) {
            case Rows _ -> null;
            case Earliest _ -> of(run, points.earliest(), epochs);
            case Now _ -> of(run, points.now(), epochs);
            case After(StreamOffset claimed) -> {
                FeedToken token = claimed.token();
                Place place = Checkpoints.requireOf(run, token);
                boolean isInRows = token.snapshot() != null;
                // A snapshot opens at its place itself.
                boolean isKnown = isInRows || place.fileCreated() != 0;
                Place here = isKnown ? place : points.resume(place);
                int epoch = epochs.ofStart(run.id(), here, claimed.epoch());
                FeedToken there =
                        new FeedToken(token.source(), here, token.snapshot(), token.overlap());
                yield new StreamOffset(epoch, claimed.step(), there);
            }
        };
    }

    private static StreamOffset of(SourceRun run, Place place, Epochs epochs) {
        int epoch = epochs.ofStart(run.id(), place, 0);
        return new StreamOffset(epoch, FeedToken.of(run.id(), place));
    }
}
