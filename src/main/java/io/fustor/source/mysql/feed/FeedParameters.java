package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.checkpoint.Checkpoint;
import io.fustor.source.mysql.condition.Conditions;
import io.fustor.source.mysql.encode.Format;
import io.fustor.source.mysql.error.RequestCode;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.error.Sentence;
import io.fustor.source.mysql.grant.Sight;
import io.fustor.source.mysql.position.FeedStart;
import io.fustor.source.mysql.schema.NameRule;
import io.fustor.source.mysql.schema.Selection;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The parameters of a subscription's request, read and checked. Where a value is wrong the answer
/// names the parameter and what it takes.
///
/// @param start where to begin
/// @param until where the stream ends; null for a stream without an end
/// @param consumer whose checkpoint to resume from, if it has one; null for none
/// @param snapshot whether the rows of the tables come first
/// @param selection the intersection of what the request asks for and what the caller may see
/// @param conditions those of the grant and those of the request, all of which rows must meet
/// @param onLost what to do where the start is no longer to be had
/// @param sight what the caller may see
record FeedParameters(
        FeedStart start,
        @Nullable FeedStart until,
        @Nullable String consumer,
        SnapshotMode snapshot,
        Selection selection,
        Conditions conditions,
        Set<Operation> operations,
        Format format,
        int batch,
        OnLost onLost,
        boolean commits,
        boolean bigNumbersAsStrings,
        boolean heartbeatIds,
        Sight sight) {

    static final int DEFAULT_BATCH = 500;
    static final int LARGEST_BATCH = 10_000;

    /// What to do when the position is gone.
    enum OnLost {
        FAIL,
        SNAPSHOT,
        LATEST
    }

    /// Whether rows come before changes, or alone.
    enum SnapshotMode {
        NONE,
        INITIAL,
        ONLY
    }

    /// The same with the names that a server stores.
    FeedParameters under(NameRule names) {
        return new FeedParameters(
                start,
                until,
                consumer,
                snapshot,
                selection.under(names),
                conditions.under(names),
                operations,
                format,
                batch,
                onLost,
                commits,
                bigNumbersAsStrings,
                heartbeatIds,
                sight);
    }

    /// @param lastEventId the header's value, null where it is absent
    /// @param sight what the caller may see: the only place where a subscription's form gets it
    /// @throws RequestException `INVALID` with the parameter's name
    static FeedParameters parse(FeedQuery query, @Nullable String lastEventId, Sight sight) {
        String resume = resume(query, lastEventId);
        FeedStart start = start(resume, notBlank(query.from()));
        String consumer = notBlank(query.consumer());
        if (consumer != null) {
            Checkpoint.requireConsumer(consumer);
        }
        SnapshotMode snapshot =
                choice(
                        "snapshot",
                        query.snapshot(),
                        SnapshotMode.NONE,
                        words(SnapshotMode.values()));
        Set<Operation> operations = operations(query.ops());
        requireFitting(snapshot, start, operations);
        FeedStart until = until(notBlank(query.until()), snapshot);
        return new FeedParameters(
                start,
                until,
                resume == null ? consumer : null,
                snapshot,
                selection(query).within(sight.scope()),
                sight.grant().conditions().and(requested(query)),
                operations,
                format(query.format()),
                batch(query.batch()),
                choice("on_lost", query.onLost(), OnLost.FAIL, words(OnLost.values())),
                choice(
                        "transactions",
                        query.transactions(),
                        false,
                        Map.of("true", true, "false", false)),
                bigNumbersAsStrings(query.bigNumbers()),
                choice(
                        "heartbeats",
                        query.heartbeats(),
                        false,
                        Map.of("ids", true, "empty", false)),
                sight);
    }

    /// The parameter `format`.
    static Format format(@Nullable String text) {
        return choice(
                "format",
                text,
                Format.FUSTOR,
                Map.of("fustor", Format.FUSTOR, "debezium", Format.DEBEZIUM));
    }

    /// The parameter `big_numbers`.
    static boolean bigNumbersAsStrings(@Nullable String text) {
        return choice("big_numbers", text, false, Map.of("string", true, "number", false));
    }

    private static Conditions requested(FeedQuery query) {
        return Conditions.parse(query.where() == null ? List.of() : List.of(query.where()));
    }

    /// The newest that the client names: a browser's header, then what a library for EventSource
    /// appends to the address, then what the address had from the beginning.
    private static @Nullable String resume(FeedQuery query, @Nullable String lastEventId) {
        return Stream.of(
                        Optional.ofNullable(lastEventId),
                        Optional.ofNullable(query.lastEventId()),
                        Optional.ofNullable(query.resumeAfter()))
                .flatMap(Optional::stream)
                .filter(text -> !text.isBlank())
                .map(String::strip)
                .findFirst()
                .orElse(null);
    }

    private static FeedStart start(@Nullable String resume, @Nullable String from) {
        if (resume != null) {
            return FeedStart.resume("last_event_id", resume);
        }
        return from == null ? new FeedStart.Now() : FeedStart.from(from);
    }

    /// A snapshot that is not followed by changes ends by itself.
    private static @Nullable FeedStart until(@Nullable String text, SnapshotMode snapshot) {
        if (text == null) {
            return null;
        }
        if (snapshot == SnapshotMode.ONLY) {
            throw RequestException.invalid("feed.until-with-only");
        }
        return FeedStart.until(text);
    }

    /// The constants by the words of the contract.
    private static <T extends Enum<T>> Map<String, T> words(T[] constants) {
        return Arrays.stream(constants)
                .collect(
                        Collectors.toMap(
                                constant -> constant.name().toLowerCase(Locale.ROOT),
                                Function.identity()));
    }

    /// A snapshot's place is where its view stands, and its rows are inserts.
    private static void requireFitting(
            SnapshotMode snapshot, FeedStart start, Set<Operation> operations) {
        if (snapshot == SnapshotMode.NONE || start instanceof FeedStart.Resume) {
            return;
        }
        if (!(start instanceof FeedStart.Now)) {
            throw RequestException.invalid("feed.from-with-snapshot");
        }
        if (!operations.contains(Operation.INSERT)) {
            throw RequestException.invalid("feed.ops-with-snapshot");
        }
    }

    /// The value that a word stands for.
    private static <T> T choice(
            String name, @Nullable String given, T absent, Map<String, T> words) {
        String text = notBlank(given);
        if (text == null) {
            return absent;
        }
        T value = words.get(text);
        if (value == null) {
            throw RequestException.invalid(
                    "feed.choice",
                    name,
                    String.join(", ", words.keySet().stream().sorted().toList()));
        }
        return value;
    }

    private static Selection selection(FeedQuery query) {
        try {
            return Selection.parse(
                    Objects.requireNonNullElse(query.tables(), ""),
                    Objects.requireNonNullElse(query.fields(), ""),
                    Objects.requireNonNullElse(query.without(), ""));
        } catch (IllegalArgumentException e) {
            throw new RequestException(
                    RequestCode.INVALID_REQUEST,
                    Sentence.quoting("feed.selection", String.valueOf(e.getMessage())),
                    e);
        }
    }

    private static Set<Operation> operations(@Nullable String text) {
        String words = notBlank(text);
        if (words == null) {
            return EnumSet.allOf(Operation.class);
        }
        EnumSet<Operation> operations = EnumSet.noneOf(Operation.class);
        for (String word : words.split(",", -1)) {
            Operation operation = operation(word.strip());
            if (operation == null) {
                throw RequestException.invalid("feed.ops");
            }
            operations.add(operation);
        }
        return operations;
    }

    private static @Nullable Operation operation(String word) {
        for (Operation operation : Operation.values()) {
            if (operation.text().equals(word.toLowerCase(Locale.ROOT))) {
                return operation;
            }
        }
        return null;
    }

    private static int batch(@Nullable String text) {
        String digits = notBlank(text);
        if (digits == null) {
            return DEFAULT_BATCH;
        }
        try {
            int batch = Integer.parseInt(digits);
            if (batch >= 1 && batch <= LARGEST_BATCH) {
                return batch;
            }
        } catch (NumberFormatException _) {
            // Answered like a number out of range.
        }
        throw RequestException.invalid("feed.batch", LARGEST_BATCH);
    }

    private static @Nullable String notBlank(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }
}
