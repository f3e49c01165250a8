package io.fustor.source.mysql.web;

import io.fustor.source.mysql.error.Sentence;
import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.function.ToIntFunction;

/// Finds the name that the caller probably meant, for the response to an unknown name.
final class Suggestion {

    private static final int LONGEST = 64;

    private Suggestion() {}

    /// ` Did you mean tables?`, or nothing if no known name is similar.
    static Object of(String given, Collection<String> known) {
        String text = quoted(given);
        String lower = text.toLowerCase(Locale.ROOT);
        ToIntFunction<String> otherLetters = name -> distance(lower, name.toLowerCase(Locale.ROOT));
        return known.stream()
                .min(
                        Comparator.comparingInt(otherLetters)
                                .thenComparingInt(name -> distance(text, name)))
                .filter(name -> otherLetters.applyAsInt(name) <= Math.max(2, name.length() / 2))
                .<Object>map(name -> Sentence.of("problem.suggestion", name))
                .orElse("");
    }

    /// A name from outside, truncated for a response.
    static String quoted(String name) {
        return name.length() <= LONGEST ? name : name.substring(0, LONGEST) + "…";
    }

    /// The edit distance: the number of letters to insert, delete or replace.
    private static int distance(String one, String other) {
        int[] row = new int[other.length() + 1];
        for (int column = 0; column <= other.length(); column++) {
            row[column] = column;
        }
        for (int line = 1; line <= one.length(); line++) {
            int diagonal = row[0];
            row[0] = line;
            for (int column = 1; column <= other.length(); column++) {
                int exchange = one.charAt(line - 1) == other.charAt(column - 1) ? 0 : 1;
                int best =
                        Math.min(Math.min(row[column], row[column - 1]) + 1, diagonal + exchange);
                diagonal = row[column];
                row[column] = best;
            }
        }
        return row[other.length()];
    }
}
