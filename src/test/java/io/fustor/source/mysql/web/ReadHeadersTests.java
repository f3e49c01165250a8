package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// That operations read no header of a request but those that the document of the interface names
/// ([DocumentedOperationsIT]). What filters read concerns no operation by itself.
class ReadHeadersTests {

    private static final Path CODE = Path.of("src/main/java/io/fustor/source/mysql");

    private static final Pattern READ =
            Pattern.compile("\\bgetHeaders?\\(([^)]*)\\)|\\b(getLocales?)\\(\\)|@RequestHeader");

    @Test
    void operationsReadTheDocumentedHeadersAlone() throws IOException {
        var read = new TreeSet<String>();
        try (Stream<Path> files = Files.walk(CODE)) {
            for (Path file : files.filter(ReadHeadersTests::isOfOperations).toList()) {
                READ.matcher(Files.readString(file))
                        .results()
                        .forEach(match -> read.add(file.getFileName() + " " + match.group()));
            }
        }

        assertThat(read)
                .containsExactly(
                        // The security schemes of the document.
                        "BearerToken.java getHeader(HttpHeaders.AUTHORIZATION)",
                        "FeedController.java getHeader(LAST_EVENT_ID)",
                        "FeedController.java getLocale()",
                        "PageHeaders.java getHeader(HttpHeaders.ACCEPT_ENCODING)",
                        "PageHeaders.java getHeaders(HttpHeaders.VARY)",
                        "PageHeaders.java getHeaders(IF_NONE_MATCH)",
                        // Of Accept and Accept-Encoding.
                        "StreamCodings.java getHeaders(header)");
    }

    private static boolean isOfOperations(Path file) {
        return file.toString().endsWith(".java")
                && !file.getParent().endsWith("web")
                && !file.getParent().endsWith("access");
    }
}
