package io.fustor.source.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.JavaSources.SourceFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// That the Maven profile `demo`, which leaves all other tests out, can compile what it takes, and
/// that the documents name it.
class DemoTests {

    private static final String ROOT = "io.fustor.source.mysql.";

    /// What the profile's `testIncludes` take.
    private static final Set<String> PACKAGES = Set.of(ROOT + "demo", ROOT + "support");

    @Test
    void demoAndSupportImportNoOtherTest() {
        var compiled = JavaSources.test().files().stream().filter(DemoTests::isCompiled).toList();
        var known =
                Stream.concat(JavaSources.main().files().stream(), compiled.stream())
                        .map(DemoTests::type)
                        .collect(Collectors.toSet());

        assertThat(compiled).extracting(DemoTests::type).contains(ROOT + "demo.DemoApplication");
        assertThat(compiled.stream().flatMap(DemoTests::ownImports))
                .isNotEmpty()
                .allSatisfy(name -> assertThat(known).anyMatch(type -> isIn(name, type)));
    }

    @Test
    void documentsStartTheDemoWithItsProfile() throws IOException {
        for (var document :
                List.of("README.md", "CONTRIBUTING.md", "examples/README.md", "examples/curl.md")) {
            assertThat(Files.readAllLines(Path.of(document)))
                    .as(document)
                    .filteredOn(line -> line.contains("spring-boot:test-run"))
                    .isNotEmpty()
                    .allSatisfy(
                            line ->
                                    assertThat(line)
                                            .contains("./mvnw -Pdemo spring-boot:test-run"));
        }
    }

    private static boolean isCompiled(SourceFile file) {
        return PACKAGES.contains(file.packageName()) && !type(file).matches(".*(Tests|IT)");
    }

    private static String type(SourceFile file) {
        var name = file.path().getFileName().toString();
        return file.packageName() + "." + name.substring(0, name.length() - ".java".length());
    }

    private static Stream<String> ownImports(SourceFile file) {
        return file.tree().getImports().stream()
                .map(each -> each.getQualifiedIdentifier().toString())
                .filter(name -> name.startsWith(ROOT));
    }

    /// Whether the name is the type, or a member of it.
    private static boolean isIn(String name, String type) {
        return name.equals(type) || name.startsWith(type + ".");
    }
}
