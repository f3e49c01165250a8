package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.tree.ConditionalExpressionTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.util.TreeScanner;
import io.fustor.source.mysql.JavaSources.SourceFile;
import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.monitoring.SourceWarnings;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.MessageFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpStatus;

/// That nothing is said to a person in one language only. An answer's words are a `Sentence`, which
/// is made of a key that stands in the code as it is; so the code itself says which keys there have
/// to be, and with how many gaps.
class MessagesTests {

    private static final Pattern GAP = Pattern.compile("\\{(\\d)}");
    private static final String CONSOLE = "console.";
    private static final Pattern WORD = Pattern.compile("\\bt\\(\"([^\"]+)\"");
    private static final Pattern PART_OF_WORD = Pattern.compile("\\bt\\(`([^`]+)`");
    private static final Pattern GAP_OF_PAGE = Pattern.compile("\\$\\{[^}]*}");
    private static final Pattern QUOTED_BRACE = Pattern.compile("'[{}]'|''");

    /// Where keys come from elsewhere, as parameters.
    private static final Set<String> PASSING_ON =
            Set.of("Sentence.java", "RequestException.java", "Message.java", "Texts.java");

    /// What makes a sentence of a key, and which argument the key is.
    private static final Map<String, Integer> MAKERS =
            Map.of(
                    "Sentence.of", 0,
                    "Sentence.quoting", 0,
                    "RequestException.invalid", 0,
                    "RequestException.refused", 1,
                    "RequestException.later", 2,
                    "Message.of", 1,
                    "texts.get", 0);

    private final Map<String, String> english = read("messages.properties");
    private final Map<String, String> chinese = read("messages_zh.properties");

    /// A sentence that the code makes.
    ///
    /// @param key null where it does not stand there as it is
    private record Made(String maker, String key, int values, String where) {}

    @Test
    void everySentenceIsThereInBothLanguages() {
        var quoting =
                made().stream()
                        .filter(made -> made.maker().equals("Sentence.quoting"))
                        .map(Made::key);
        var inChineseOnly =
                Stream.of(
                                Arrays.stream(FailureCode.values()).map(code -> "failure." + code),
                                Arrays.stream(SourceWarnings.Kind.values())
                                        .map(kind -> "warning." + kind),
                                Arrays.stream(HttpStatus.values())
                                        .filter(HttpStatus::isError)
                                        .map(status -> "status." + status.value()),
                                quoting)
                        .flatMap(keys -> keys)
                        .collect(Collectors.toCollection(TreeSet::new));
        var all = new TreeSet<>(english.keySet());
        all.addAll(inChineseOnly);

        assertThat(chinese.keySet()).containsExactlyInAnyOrderElementsOf(all);
        assertThat(english.keySet()).doesNotContainAnyElementsOf(inChineseOnly);
    }

    @Test
    void everySentenceThatTheCodeMakesHasItsWordsAndItsValues() {
        var made = made();

        assertThat(made).hasSizeGreaterThan(100);
        assertThat(made)
                .allSatisfy(
                        one -> {
                            assertThat(one.key()).as(one.where()).isNotNull();
                            assertThat(chinese).as(one.where()).containsKey(one.key());
                            int gaps =
                                    gaps(chinese.get(one.key())).stream()
                                            .mapToInt(gap -> gap + 1)
                                            .max()
                                            .orElse(0);
                            assertThat(one.values())
                                    .as("values of %s, %s", one.key(), one.where())
                                    .isEqualTo(gaps);
                        });
    }

    @Test
    void noUnusedSentenceIsLeft() {
        var code =
                JavaSources.main().files().stream()
                        .map(SourceFile::text)
                        .collect(Collectors.joining());
        Predicate<String> isSaid =
                key ->
                        code.contains("\"" + key + "\"")
                                || Stream.of("wizard.", "wizard.check.")
                                        .filter(key::startsWith)
                                        .map(prefix -> key.substring(prefix.length()))
                                        .map(
                                                rest ->
                                                        rest.replaceAll(
                                                                "\\.(description|cluster)$", ""))
                                        .anyMatch(rest -> code.contains("\"" + rest + "\""));

        assertThat(english.keySet()).filteredOn(key -> !key.startsWith(CONSOLE)).allMatch(isSaid);
    }

    /// The console's pages say their keys as `t("key")`. Of some, a part is a name of the API's.
    /// One thing may have a sentence of its own.
    @Test
    void everyWordOfTheConsoleIsThereAndUsed() throws IOException {
        var words = english.keySet().stream().filter(key -> key.startsWith(CONSOLE)).toList();
        String pages = consolePages();
        var said =
                WORD.matcher(pages)
                        .results()
                        .map(match -> CONSOLE + match.group(1))
                        .collect(Collectors.toSet());
        var patterns =
                PART_OF_WORD
                        .matcher(pages)
                        .results()
                        .map(match -> GAP_OF_PAGE.split(match.group(1), -1))
                        .map(
                                parts ->
                                        Pattern.quote(CONSOLE)
                                                + Arrays.stream(parts)
                                                        .map(Pattern::quote)
                                                        .collect(Collectors.joining("[A-Za-z_]+")))
                        .toList();

        assertThat(said).hasSizeGreaterThan(100).isSubsetOf(words);
        assertThat(patterns).isNotEmpty();
        assertThat(words)
                .extracting(word -> word.replaceFirst("\\.one$", ""))
                .allMatch(word -> said.contains(word) || patterns.stream().anyMatch(word::matches));
    }

    private static String consolePages() throws IOException {
        try (var files = Files.walk(Path.of("src/main/resources/static/console"))) {
            var pages = new StringBuilder();
            for (var file : files.filter(one -> one.toString().endsWith(".js")).toList()) {
                pages.append(Files.readString(file));
            }
            return pages.toString();
        }
    }

    @Test
    void gapsAreTheSameInBothLanguagesAndWellFormed() {
        assertThat(english)
                .allSatisfy(
                        (key, text) ->
                                assertThat(gaps(chinese.get(key))).as(key).isEqualTo(gaps(text)));
        Stream.of(english, chinese)
                .forEach(
                        texts ->
                                texts.forEach(
                                        (key, text) ->
                                                assertThat(isWellFormed(text))
                                                        .as(key + " = " + text)
                                                        .isTrue()));
    }

    @Test
    void chineseIsChinese() {
        assertThat(chinese).allSatisfy((key, text) -> assertThat(isChinese(text)).as(key).isTrue());
    }

    /// A few are nothing but gaps and signs.
    private static boolean isChinese(String text) {
        return text.codePoints().anyMatch(Character::isIdeographic)
                || GAP.matcher(text).replaceAll("").indexOf(' ') < 0;
    }

    private static boolean isWellFormed(String text) {
        if (gaps(text).isEmpty()) {
            return !text.contains("''");
        }
        new MessageFormat(text, Locale.ROOT);
        return QUOTED_BRACE.matcher(text).replaceAll("").indexOf('\'') < 0;
    }

    private static Set<Integer> gaps(String text) {
        return GAP.matcher(text)
                .results()
                .map(gap -> Integer.parseInt(gap.group(1)))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private List<Made> made() {
        var all = new ArrayList<Made>();
        for (var file : JavaSources.main().files()) {
            String name = String.valueOf(file.path().getFileName());
            if (!PASSING_ON.contains(name)) {
                file.tree().accept(new Sentences(name, all), null);
            }
        }
        return all;
    }

    private static final class Sentences extends TreeScanner<Void, Void> {

        private final String file;
        private final List<Made> made;

        private Sentences(String file, List<Made> made) {
            this.file = file;
            this.made = made;
        }

        @Override
        public Void visitMethodInvocation(MethodInvocationTree call, Void nothing) {
            String maker = call.getMethodSelect().toString();
            Integer place = MAKERS.get(maker);
            if (place != null) {
                var arguments = call.getArguments();
                int values = arguments.size() - place - 1;
                add(maker, arguments.get(place), values, call.toString());
            }
            return super.visitMethodInvocation(call, nothing);
        }

        private void add(String maker, ExpressionTree key, int values, String call) {
            String where = file + ": " + call;
            if (key instanceof ConditionalExpressionTree either) {
                add(maker, either.getTrueExpression(), values, call);
                add(maker, either.getFalseExpression(), values, call);
            } else if (key instanceof LiteralTree literal) {
                String prefix = maker.equals("texts.get") ? "wizard." : "";
                made.add(new Made(maker, prefix + literal.getValue(), values, where));
            } else if (!maker.equals("texts.get")) {
                made.add(new Made(maker, null, values, where));
            }
            // The wizard makes some of its keys of a check's or a field's name; its tests say them.
        }
    }

    private static Map<String, String> read(String file) {
        var properties = new Properties();
        try (var in = MessagesTests.class.getResourceAsStream("/" + file)) {
            properties.load(new InputStreamReader(in, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var texts = new TreeMap<String, String>();
        properties.forEach((key, text) -> texts.put(String.valueOf(key), String.valueOf(text)));
        return texts;
    }
}
