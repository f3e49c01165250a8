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
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// That what the documents point at is there: files, sections, types.
class LinksTests {

    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern CODE_BLOCK = Pattern.compile("(?ms)^```.*?^```$");
    private static final Pattern CODE = Pattern.compile("`([^`\\n]+)`");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

    /// A path in code font: below one of the repository's folders, or with an ending of its own.
    private static final Pattern FILE =
            Pattern.compile(
                    "(?:\\./)?(?:(?:src|docs|examples|deploy|\\.ci|\\.mvn)/[\\w./-]*|mvnw|Dockerfile|[\\w.-]+\\.(?:md|py|html|xml|yml))");

    /// `LiveWindow`, also with its package: `capture/LiveWindow`.
    private static final Pattern TYPE =
            Pattern.compile("(?:[a-z]+/)?[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]*)+(?:Tests|IT)?");

    /// `capture/LiveWindow`: a type with the package that it stands in.
    private static final Pattern TYPE_IN_PACKAGE = Pattern.compile("[a-z]+/[A-Z]\\w+");

    private static final int LONGEST_README = 200;

    private record Document(Path path, String text) {

        static Document of(Path path) {
            try {
                return new Document(path, Files.readString(path));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        Stream<String> links() {
            return LINK.matcher(CODE_BLOCK.matcher(text).replaceAll(""))
                    .results()
                    .map(link -> link.group(1));
        }

        Stream<String> codeWords() {
            return CODE.matcher(CODE_BLOCK.matcher(text).replaceAll(""))
                    .results()
                    .map(code -> code.group(1));
        }

        boolean isAboutTypes() {
            return path.endsWith("architecture.md") || path.startsWith("docs/decisions");
        }

        /// As a forge makes them of headings: lower case, hyphens for spaces, no other marks.
        Set<String> anchors() {
            return HEADING.matcher(CODE_BLOCK.matcher(text).replaceAll(""))
                    .results()
                    .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
                    .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
                    .collect(Collectors.toSet());
        }
    }

    @Test
    void readmeIsShort() {
        assertThat(Document.of(Path.of("README.md")).text().lines().count())
                .isLessThanOrEqualTo(LONGEST_README);
    }

    @Test
    void everyRelativeLinkLeadsSomewhere() {
        assertThat(missing(Document::links, LinksTests::leadsNowhere)).isEmpty();
    }

    @Test
    void everyNamedFileExists() {
        assertThat(missing(Document::codeWords, LinksTests::isMissingFile)).isEmpty();
    }

    @Test
    void everyTypeThatTheArchitectureNamesExists() {
        var known =
                Stream.of(JavaSources.main(), JavaSources.test())
                        .flatMap(sources -> sources.files().stream())
                        .map(file -> file.path().getFileName().toString().replace(".java", ""))
                        .collect(Collectors.toSet());
        assertThat(
                        missing(
                                Document::codeWords,
                                (document, word) ->
                                        document.isAboutTypes()
                                                && TYPE.matcher(word).matches()
                                                && !known.contains(
                                                        word.substring(word.indexOf('/') + 1))))
                .isEmpty();
    }

    @Test
    void everyTypeIsInThePackageThatADocumentNames() {
        var known =
                Stream.of(JavaSources.main(), JavaSources.test())
                        .flatMap(sources -> sources.files().stream())
                        .map(file -> file.path().toString().replace(".java", ""))
                        .map(path -> path.substring(1 + beforePackage(path)))
                        .collect(Collectors.toSet());

        assertThat(known).contains("capture/LiveWindow");
        assertThat(
                        missing(
                                Document::codeWords,
                                (_, word) ->
                                        TYPE_IN_PACKAGE.matcher(word).matches()
                                                && !known.contains(word)))
                .isEmpty();
    }

    /// Where the slash before the last folder is.
    private static int beforePackage(String path) {
        return path.lastIndexOf('/', path.lastIndexOf('/') - 1);
    }

    @Test
    void architectureListsEveryDecision() throws IOException {
        var architecture = Document.of(Path.of("docs/architecture.md"));
        try (var decisions = Files.list(Path.of("docs/decisions"))) {
            var table =
                    architecture
                            .text()
                            .lines()
                            .filter(line -> line.startsWith("| [0"))
                            .map(line -> line.replaceAll(".*]\\(decisions/(.*)\\) \\|.*", "$1"))
                            .toList();
            assertThat(table)
                    .containsExactlyElementsOf(
                            decisions.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    private interface Judgement {
        boolean isWrong(Document document, String word);
    }

    private static List<String> missing(
            Function<Document, Stream<String>> words, Judgement judgement) {
        var found = new ArrayList<String>();
        for (var document : documents()) {
            words.apply(document)
                    .filter(word -> judgement.isWrong(document, word))
                    .forEach(word -> found.add(document.path() + ": " + word));
        }
        return found;
    }

    private static boolean leadsNowhere(Document from, String link) {
        if (link.matches("[a-z]+:.*")) {
            return false;
        }
        int hash = link.indexOf('#');
        var file = hash < 0 ? link : link.substring(0, hash);
        var target = file.isEmpty() ? from.path() : from.path().resolveSibling(file).normalize();
        if (!Files.exists(target)) {
            return true;
        }
        return hash >= 0 && !Document.of(target).anchors().contains(link.substring(hash + 1));
    }

    /// A file is named from the repository's root or from beside the document.
    private static boolean isMissingFile(Document from, String word) {
        return FILE.matcher(word).matches()
                && !Files.exists(Path.of(word))
                && !Files.exists(from.path().resolveSibling(word));
    }

    private static List<Document> documents() {
        try (var root = Files.list(Path.of(""));
                var docs = Files.walk(Path.of("docs"));
                var examples = Files.walk(Path.of("examples"))) {
            return Stream.of(root, docs, examples)
                    .flatMap(Function.identity())
                    .filter(path -> path.toString().endsWith(".md"))
                    .sorted()
                    .map(Document::of)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
