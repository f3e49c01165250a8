package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.support.LocalService;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

/// That no text from outside begins a line of the log, whichever logger writes it and however.
@Isolated
class PlainLogTests {

    private static final String EVIL =
            "x\r\n2026-01-01 INFO audit : action=forged\u001b[2J\u009b31m\u2028\u2029\u202e\u0085 end";

    @TempDir private Path folder;

    @Test
    void othersWordsStayInTheLineThatQuotesThem() throws IOException {
        var file = folder.resolve("service.log");
        try (var _ = LocalService.start(Map.of("logging.file.name", file.toString()))) {
            for (var name :
                    new String[] {"audit", "org.example.library", "io.fustor.source.mysql.x"}) {
                var log = LoggerFactory.getLogger(name);
                log.warn("reason={}", EVIL);
                log.warn(EVIL);
                log.atWarn().addKeyValue("k", EVIL).log("fluent {}", EVIL);
                var inner = new SQLException(EVIL);
                inner.addSuppressed(new IOException(EVIL));
                log.error("failed", new IllegalStateException(EVIL, inner));
            }
            LoggerFactory.getLogger("large").warn("y".repeat(1_000_000));
        }

        var text = Files.readString(file);
        assertThat(text.lines()).noneMatch(line -> line.startsWith("2026-01-01 INFO audit"));
        assertThat(text.codePoints().filter(PlainLogTests::steers)).isEmpty();
        assertThat(text).contains("x\\r\\n2026-01-01 INFO audit : action=forged\\u001b[2J");
        assertThat(text).contains("Caused by: java.sql.SQLException: x\\r\\n", "Suppressed: ");
        assertThat(text.lines()).allSatisfy(line -> assertThat(line.length()).isLessThan(20_000));
    }

    private static boolean steers(int c) {
        return (c < 0x20 && c != '\t' && c != '\n')
                || (c >= 0x7F && c < 0xA0)
                || (c >= 0x2028 && c <= 0x202E);
    }

    @Test
    void failuresHoldPlainTextOfABoundedLength() {
        var failure = new SourceException(FailureCode.SERVER_ERROR, EVIL + "z".repeat(1_000_000));

        assertThat(failure.getMessage())
                .hasSizeLessThan(4_300)
                .contains("\\r\\n", "characters more");
        assertThat(failure.getMessage().codePoints().filter(PlainLogTests::steers)).isEmpty();
        assertThat(failure.getMessage()).doesNotContain("\n");
    }
}
