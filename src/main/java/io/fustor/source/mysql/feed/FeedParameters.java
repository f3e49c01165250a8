package io.fustor.source.mysql.feed;

import io.fustor.source.mysql.change.Operation;
import io.fustor.source.mysql.encode.Format;
import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.schema.Selection;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The parameters of a subscription's request, read and checked. Where a value is wrong the answer
/// names the parameter and what it takes.
///
/// @param start where to begin
/// @param consumer whose checkpoint to resume from, if it has one; null for none
/// @param snapshot whether the rows of the tables come first
/// @param onLost what to do where the start is no longer to be had
record FeedParameters(
        FeedStart start,
        @Nullable String consumer,
        SnapshotMode snapshot,
        Selection selection,
        Set<Operation> operations,
        Format format,
        int batch,
        OnLost onLost,
        boolean commits,
        boolean bigNumbersAsStrings) {

    static final int DEFAULT_BATCH = 500;
    private static final int LARGEST_BATCH = 10_000;

    /// What to do when the position is gone.
    enum OnLost {
        FAIL,
        SNAPSHOT,
        LATEST
    }

    /// Whether rows come in front of changes, or alone.
    enum SnapshotMode {
        NONE,
        INITIAL,
        ONLY
    }

    /// @param parameter a request parameter's value by its name, null where it is absent
    /// @param lastEventId the header's value, null where it is absent
    /// @throws RequestException `INVALID` with the parameter's name
    static FeedParameters parse(
            Function<String, @Nullable String> parameter, @Nullable String lastEventId) {
        String resume = resume(parameter, lastEventId);
        FeedStart start = start(resume, notBlank(parameter.apply("from")));
        String consumer = notBlank(parameter.apply("consumer"));
        if (consumer != null) {
            Checkpoint.requireConsumer(consumer);
        }
        SnapshotMode snapshot =
                choice(parameter, "snapshot", SnapshotMode.NONE, words(SnapshotMode.values()));
        Set<Operation> operations = operations(parameter.apply("ops"));
        requireFitting(snapshot, start, operations);
        return new FeedParameters(
                start,
                resume == null ? consumer : null,
                snapshot,
                selection(parameter.apply("tables"), parameter.apply("fields")),
                operations,
                choice(
                        parameter,
                        "format",
                        Format.FUSTOR,
                        Map.of("fustor", Format.FUSTOR, "debezium", Format.DEBEZIUM)),
                batch(parameter.apply("batch")),
                choice(parameter, "on_lost", OnLost.FAIL, words(OnLost.values())),
                choice(parameter, "transactions", false, Map.of("true", true, "false", false)),
                choice(parameter, "big_numbers", false, Map.of("string", true, "number", false)));
    }

    private static @Nullable String resume(
            Function<String, @Nullable String> parameter, @Nullable String lastEventId) {
        String header = notBlank(lastEventId);
        return header != null ? header : notBlank(parameter.apply("last_event_id"));
    }

    private static FeedStart start(@Nullable String resume, @Nullable String from) {
        if (resume != null) {
            return FeedStart.resume("last_event_id", resume);
        }
        return from == null ? new FeedStart.Now() : FeedStart.from(from);
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
            throw RequestException.invalid(
                    "from: with a snapshot, changes follow from the snapshot's own position; leave from or"
                            + " snapshot out");
        }
        if (!operations.contains(Operation.INSERT)) {
            throw RequestException.invalid(
                    "ops: the rows of a snapshot are inserts; add insert, or leave snapshot out");
        }
    }

    /// The value that a word stands for.
    private static <T> T choice(
            Function<String, @Nullable String> parameter,
            String name,
            T absent,
            Map<String, T> words) {
        String text = notBlank(parameter.apply(name));
        if (text == null) {
            return absent;
        }
        T value = words.get(text);
        if (value == null) {
            throw RequestException.invalid(
                    name
                            + " takes "
                            + String.join(", ", words.keySet().stream().sorted().toList()));
        }
        return value;
    }

    private static Selection selection(@Nullable String tables, @Nullable String fields) {
        try {
            return Selection.parse(tables == null ? "" : tables, fields == null ? "" : fields);
        } catch (IllegalArgumentException e) {
            throw new RequestException(
                    RequestException.Kind.INVALID, String.valueOf(e.getMessage()), e);
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
                throw RequestException.invalid(
                        "ops takes insert, update and delete, with commas between them");
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
        throw RequestException.invalid("batch takes a number of rows from 1 to " + LARGEST_BATCH);
    }

    private static @Nullable String notBlank(@Nullable String text) {
        return text == null || text.isBlank() ? null : text.strip();
    }
}
