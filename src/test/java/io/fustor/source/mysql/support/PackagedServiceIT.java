package io.fustor.source.mysql.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// An installation by the operator's guide. The JVM says in its log, and only there, that a cache
/// does not fit, and starts without it.
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class PackagedServiceIT {

    private final Folder folder = Folder.temporary("fustor-installation-");
    private PackagedService installed;

    @BeforeAll
    void install() throws IOException {
        installed = PackagedService.installed(folder.path());
    }

    @AfterAll
    void remove() {
        folder.delete();
    }

    /// The unit's working folder is that of the settings.
    @Test
    void unitStartsWithTheCache() throws IOException {
        assertUsesItsCache(installed);
    }

    /// The image starts in the folder of the jar, and names it without the folder.
    @Test
    void imageStartsWithTheCache() throws IOException {
        assertUsesItsCache(PackagedService.imageIn(PackagedService.home(folder.path())));
    }

    private void assertUsesItsCache(PackagedService service) throws IOException {
        Path log = folder.path().resolve("log");
        try (var running = service.start(folder.path().resolve("data"), log)) {
            await().until(
                            () ->
                                    running.written().contains(" ready console=")
                                            || !running.isAlive());

            assertThat(running.written()).contains(" ready console=").doesNotContain("[aot");
        }
    }
}
