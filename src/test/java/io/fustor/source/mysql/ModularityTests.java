package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.modulith.core.ApplicationModules;

class ModularityTests {

    private static final Pattern MODULE = Pattern.compile("(?m)^\\|[^|`]*\\| `([a-z]+)` \\|");

    private static final ApplicationModules MODULES =
            ApplicationModules.of(FustorSourceMysqlApplication.class);

    @Test
    void modulesUseOnlyWhatTheySay() {
        MODULES.verify();
    }

    /// The table of `docs/architecture.md` names every module, and each uses only those above it.
    @Test
    void importsGoOneWay() throws IOException {
        List<String> rows =
                MODULE.matcher(Files.readString(Path.of("docs/architecture.md")))
                        .results()
                        .map(row -> row.group(1))
                        .toList();

        assertThat(MODULES.stream().map(module -> module.getIdentifier().toString()).toList())
                .containsExactlyInAnyOrderElementsOf(rows);
        for (var module : MODULES) {
            int row = rows.indexOf(module.getIdentifier().toString());
            assertThat(
                            module.getDirectDependencies(MODULES)
                                    .uniqueModules()
                                    .map(used -> used.getIdentifier().toString())
                                    .toList())
                    .as("what %s uses", module.getIdentifier())
                    .allSatisfy(used -> assertThat(rows.indexOf(used)).isLessThan(row));
        }
    }
}
