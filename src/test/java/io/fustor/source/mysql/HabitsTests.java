package io.fustor.source.mysql;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// What our code does not do. The words and habits are those of CONTRIBUTING.md.
class HabitsTests {

    private static final String ROOT = "io.fustor.source.mysql";

    private static final JavaClasses MAIN =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages(ROOT);
    private static final JavaClasses ALL = new ClassFileImporter().importPackages(ROOT);

    private static final JavaSources MAIN_SOURCES = JavaSources.main();
    private static final JavaSources TEST_SOURCES = JavaSources.test();

    private static final Pattern SLEEP =
            Pattern.compile("\\b(Thread|TimeUnit\\.[A-Z]+)\\s*\\.\\s*sleep\\b");
    private static final Pattern MAIN_METHOD = Pattern.compile("\\bvoid main\\(");

    @Test
    void packagesAreNamedByWhatTheyAreAbout() {
        var names =
                Stream.of("util", "common", "core", "impl", "service", "model", "config", "api");
        noClasses()
                .should()
                .resideInAnyPackage(
                        names.map(name -> ROOT + ".." + name + "..").toArray(String[]::new))
                .check(ALL);
    }

    @Test
    void typesAreNamedByTheirRole() {
        noClasses()
                .should()
                .haveNameMatching(
                        ".*[.$](\\w*(Utils?|Helper|Manager|Impl|Handler|Processor)|Abstract\\w*)")
                .check(ALL);
        noClasses()
                .that()
                .areInterfaces()
                .should()
                .haveNameMatching(".*[.$]I[A-Z][a-z]\\w*")
                .check(ALL);
    }

    @Test
    void packagesAreOneLevelDeep() {
        classes().should().resideInAnyPackage(ROOT, ROOT + ".*").check(ALL);
    }

    @Test
    void everyPackageOfMainIsNullMarked() {
        var marked =
                MAIN_SOURCES.files().stream()
                        .filter(file -> file.isPackageInfo() && file.text().contains("@NullMarked"))
                        .map(JavaSources.SourceFile::packageName)
                        .toList();

        assertThat(MAIN_SOURCES.files())
                .allSatisfy(file -> assertThat(marked).contains(file.packageName()));
    }

    @Test
    void logsAreWrittenBySlf4jOnly() {
        noClasses()
                .should()
                .dependOnClassesThat()
                .resideInAPackage("java.util.logging")
                .check(MAIN);
        GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS.check(MAIN);
    }

    @Test
    void binlogConnectorIsSeenInBinlogOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".binlog")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("com.github.shyiko..")
                .check(MAIN);
    }

    @Test
    void ddlParserIsSeenInHistoryOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".history")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.debezium.ddl..", "io.debezium.antlr..", "org.antlr..")
                .check(MAIN);
    }

    @Test
    void dependenciesComeByConstructor() {
        GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION.check(MAIN);
    }

    @Test
    void testsDoNotSleep() {
        assertThat(filesWith(SLEEP, TEST_SOURCES)).isEmpty();
    }

    /// The build finds the main class of the service, and that of the demo, by looking for one.
    @Test
    void mainAndTestHaveOneMainClassEach() {
        assertThat(filesWith(MAIN_METHOD, MAIN_SOURCES)).hasSize(1);
        assertThat(filesWith(MAIN_METHOD, TEST_SOURCES)).hasSizeLessThanOrEqualTo(1);
    }

    private static List<Path> filesWith(Pattern pattern, JavaSources sources) {
        return sources.files().stream()
                .filter(file -> !file.path().endsWith("HabitsTests.java"))
                .filter(file -> pattern.matcher(file.text()).find())
                .map(JavaSources.SourceFile::path)
                .toList();
    }
}
