package io.fustor.source.mysql.console;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.PackagedService;
import io.fustor.source.mysql.support.TestMySql;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// From `java -jar` without configuration to the first live change of a server, with nothing but
/// the console. It counts the clicks and fields, and how long a script takes for them.
@Tag("console")
@Tag("long")
class ConsoleFirstStartIT {

    @TempDir Path folder;

    @Test
    void firstChangeIsAFewClicksAway() throws Exception {
        try (TestMySql mysql = TestMySql.start()) {
            mysql.execute(
                    "CREATE DATABASE shop",
                    "CREATE TABLE shop.orders (id INT PRIMARY KEY, status VARCHAR(20))");
            long start = System.nanoTime();
            try (var service =
                            PackagedService.jar()
                                    .start(folder.resolve("data"), folder.resolve("log"));
                    var page = ConsolePage.open("en-US", false, service.port())) {
                Awaitility.await("the console's address")
                        .atMost(ConsolePage.LONGEST.multipliedBy(3))
                        .until(() -> service.written().contains("ready console="));
                long ready = System.nanoTime();

                page.load();
                page.press("Add a source");
                page.fill("Server address", mysql.uri());
                page.fill("User", mysql.user());
                page.fill("Password", mysql.password());
                page.press("Check");
                page.press("Continue");
                page.find("[data-step=agent_setup]");
                page.fill("User", "fustor");
                page.fill("Password", "a-long-password");
                page.press("Check");
                page.press("Continue");
                page.press("Name and save");
                page.awaitText("[data-live]", "Following");
                mysql.execute("INSERT INTO shop.orders VALUES (1, 'the first one')");
                page.awaitText(".changes tbody", "the first one");
                long shown = System.nanoTime();

                System.out.printf(
                        "console: from java -jar to the first change %d clicks and %d fields; ready"
                                + " after %.1f s, the change after %.1f s%n",
                        page.clicks(),
                        page.fields(),
                        seconds(ready - start),
                        seconds(shown - start));
                assertThat(page.clicks()).isLessThanOrEqualTo(6);
                assertThat(page.fields()).isLessThanOrEqualTo(5);
                assertThat(seconds(shown - start)).isLessThan(60);
                page.expectNoErrors();
            }
        }
    }

    private static double seconds(long nanos) {
        return (double) nanos / TimeUnit.SECONDS.toNanos(1);
    }
}
