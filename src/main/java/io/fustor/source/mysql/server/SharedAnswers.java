package io.fustor.source.mysql.server;

import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/// The answers to queries that differ in one thing, such as the table that they ask about. Callers
/// that ask about the same at the same time share an answer ([SharedAnswer]).
///
/// Any thread may call. A call blocks as long as the query.
final class SharedAnswers<K, T extends @Nullable Object> {

    private final BiFunction<K, Runnable, T> query;
    private final ConcurrentHashMap<K, Asked> asked = new ConcurrentHashMap<>();

    /// What callers are asking about now. The count changes only while the map holds its lock.
    private final class Asked {

        private final SharedAnswer<T> answer;
        private int callers;

        private Asked(K about) {
            answer = new SharedAnswer<>(sent -> query.apply(about, sent));
        }
    }

    /// @param query asks the server about its first argument, and runs its second right before it
    ///   sends the query
    SharedAnswers(BiFunction<K, Runnable, T> query) {
        this.query = query;
    }

    /// The server's answer, as [SharedAnswer#get].
    T get(K about) {
        Asked shared =
                asked.compute(
                        about,
                        (_, known) -> {
                            Asked joined = known == null ? new Asked(about) : known;
                            joined.callers++;
                            return joined;
                        });
        try {
            return shared.answer.get();
        } finally {
            asked.computeIfPresent(about, (_, known) -> --known.callers == 0 ? null : known);
        }
    }

    /// How many different things callers are asking about now.
    int size() {
        return asked.size();
    }
}
