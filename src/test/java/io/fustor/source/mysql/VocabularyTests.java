package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// That nothing uses a word that the vocabulary of docs/architecture.md retired: neither code nor
/// comments, identifiers, messages, tests or documents.
class VocabularyTests {

    private static final Path ARCHITECTURE = Path.of("docs/architecture.md");
    private static final String HEADING = "| retired | use | allowed |";

    private static final List<String> FOLDERS =
            List.of("src", "bench", "docs", "examples", "deploy", "openapi");

    private static final Set<String> KINDS =
            Set.of("java", "properties", "yaml", "yml", "sql", "md", "py", "html", "sh", "conf");

    private static final Pattern CODE = Pattern.compile("`([^`]+)`");

    /// A run of letters, or a part of a camel-case name: `LiveWindow` has two, `GTIDSet` too.
    private static final Pattern WORD = Pattern.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+");

    private static Vocabulary vocabulary;

    /// One word of a text, in lower case.
    ///
    /// @param isJoined whether it continues a name: `Window` in `LiveWindow`
    private record Word(String text, int line, boolean isJoined) {}

    /// A phrase; one that is written as a name, such as `liveWindow`, is found in names only.
    private record Phrase(List<String> words, boolean isName) {

        static Phrase of(String code) {
            var words = wordsOf(code);
            return new Phrase(
                    words.stream().map(Word::text).toList(),
                    words.size() > 1 && words.stream().skip(1).allMatch(Word::isJoined));
        }

        boolean isAt(List<Word> text, int at) {
            if (at < 0 || at + words.size() > text.size()) {
                return false;
            }
            for (int i = 0; i < words.size(); i++) {
                var word = text.get(at + i);
                if (!word.text().equals(words.get(i)) || i > 0 && isName && !word.isJoined()) {
                    return false;
                }
            }
            return true;
        }
    }

    /// The phrases that are retired, and longer ones that stay allowed.
    private record Vocabulary(List<Phrase> retired, List<Phrase> allowed) {

        /// From the rows of the table, in Markdown.
        static Vocabulary of(List<String> rows) {
            var retired = new ArrayList<Phrase>();
            var allowed = new ArrayList<Phrase>();
            for (var row : rows) {
                var cells = row.split("\\|");
                retired.addAll(phrases(cells[1]));
                allowed.addAll(phrases(cells[3]));
            }
            return new Vocabulary(retired, allowed);
        }

        private static List<Phrase> phrases(String cell) {
            return CODE.matcher(cell).results().map(code -> Phrase.of(code.group(1))).toList();
        }

        /// The lines of a text with retired phrases, each as `name:line phrase`.
        List<String> offences(String name, String text) {
            var words = wordsOf(text);
            var offences = new ArrayList<String>();
            for (int i = 0; i < words.size(); i++) {
                for (var phrase : retired) {
                    if (phrase.isAt(words, i) && !isAllowed(words, i, phrase)) {
                        offences.add(
                                name
                                        + ":"
                                        + words.get(i).line()
                                        + " "
                                        + String.join(" ", phrase.words()));
                    }
                }
            }
            return offences;
        }

        private boolean isAllowed(List<Word> words, int at, Phrase phrase) {
            var first = phrase.words().getFirst();
            return allowed.stream()
                    .filter(longer -> longer.words().contains(first))
                    .anyMatch(longer -> longer.isAt(words, at - longer.words().indexOf(first)));
        }
    }

    @BeforeAll
    static void read() throws IOException {
        vocabulary =
                Vocabulary.of(
                        Files.readAllLines(ARCHITECTURE).stream()
                                .dropWhile(line -> !line.equals(HEADING))
                                .skip(2)
                                .takeWhile(line -> line.startsWith("|"))
                                .toList());
    }

    @Test
    void nothingUsesARetiredWord() {
        assertThat(vocabulary.retired()).hasSizeGreaterThan(5);

        var offences = files().flatMap(VocabularyTests::offences).toList();

        assertThat(offences).as(() -> offences.size() + " retired words").isEmpty();
    }

    @Test
    void findsWordsInSentencesAndNamesAndAcrossLines() {
        var words =
                Vocabulary.of(
                        List.of(
                                "| `old word`, `gone` | a | `gone fishing` |",
                                "| `x`, `longName` | b | |"));

        assertThat(words.offences("a", "An old\n    /// word, oldWord(), OLD_WORD, isGone"))
                .containsExactly("a:1 old word", "a:2 old word", "a:2 old word", "a:2 gone");
        assertThat(words.offences("a", "older words, begone, goneFishing, gone fishing")).isEmpty();
        assertThat(words.offences("a", "byX, aLongName, long name, long.name"))
                .containsExactly("a:1 x", "a:1 long name");
    }

    private static Stream<String> offences(Path file) {
        try {
            return vocabulary.offences(file.toString(), withoutTable(file)).stream();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The text of a file; of the vocabulary itself, without its table of retired words.
    private static String withoutTable(Path file) throws IOException {
        var text = Files.readString(file);
        return file.equals(ARCHITECTURE) ? text.substring(0, text.indexOf(HEADING)) : text;
    }

    private static List<Word> wordsOf(String text) {
        var words = new ArrayList<Word>();
        var lines = text.lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            int end = -1;
            var matcher = WORD.matcher(lines.get(i));
            while (matcher.find()) {
                var word = matcher.group().toLowerCase(Locale.ROOT);
                words.add(new Word(word, i + 1, matcher.start() == end));
                end = matcher.end();
            }
        }
        return words;
    }

    private static Stream<Path> files() {
        var found = new TreeSet<Path>();
        try (var root = Files.list(Path.of(""))) {
            root.filter(VocabularyTests::isText).forEach(found::add);
            for (var folder : FOLDERS) {
                try (var below = Files.walk(Path.of(folder))) {
                    below.filter(VocabularyTests::isText).forEach(found::add);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return found.stream();
    }

    private static boolean isText(Path file) {
        var name = file.getFileName().toString();
        return Files.isRegularFile(file)
                && KINDS.contains(name.substring(name.lastIndexOf('.') + 1));
    }
}
