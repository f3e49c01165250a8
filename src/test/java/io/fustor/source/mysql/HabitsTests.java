package io.fustor.source.mysql;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.assignableTo;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.name;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import com.tngtech.archunit.library.GeneralCodingRules;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.Timer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.core.task.TaskExecutor;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.transaction.support.TransactionOperations;

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
    private static final int LONGEST_FILE = 400;
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

    /// What changes the state passes [io.fustor.source.mysql.state.StateDatabase], which counts it,
    /// sees that it is on disk, and tells a wrong value from a broken database.
    @Test
    void stateIsWrittenInOneWayOnly() {
        noClasses()
                .that()
                .resideOutsideOfPackage(ROOT + ".state")
                .should()
                .callMethodWhere(
                        target(owner(assignableTo(JdbcClient.StatementSpec.class)))
                                .and(target(name("update"))))
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(JdbcOperations.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(TransactionOperations.class)
                .orShould()
                .dependOnClassesThat()
                .areAssignableTo(DataSource.class)
                .check(MAIN);
    }

    /// Whatever it throws is contained there, counted and told.
    @Test
    void threadsAreStartedInOnePlaceOnly() {
        classes()
                .that()
                .resideOutsideOfPackage(ROOT + ".thread")
                .should(startNoThread())
                .check(MAIN);
    }

    private static ArchCondition<JavaClass> startNoThread() {
        return new ArchCondition<>("start no thread") {
            @Override
            public void check(JavaClass type, ConditionEvents events) {
                type.getAccessesFromSelf().stream()
                        .filter(HabitsTests::startsAThread)
                        .filter(access -> !ofTomcat(access))
                        .forEach(
                                access ->
                                        events.add(
                                                SimpleConditionEvent.violated(
                                                        access, access.getDescription())));
            }
        };
    }

    private static boolean startsAThread(JavaAccess<?> access) {
        JavaClass owner = access.getTargetOwner();
        String name = access.getTarget().getName();
        if (owner.isAssignableTo(Thread.class)) {
            return Set.of("<init>", "ofPlatform", "ofVirtual", "startVirtualThread", "start")
                    .contains(name);
        }
        return owner.isEquivalentTo(Executors.class)
                || owner.isAssignableTo(ExecutorService.class)
                || owner.isAssignableTo(TaskExecutor.class)
                || owner.isAssignableTo(TaskScheduler.class)
                || owner.isAssignableTo(Timer.class)
                || (owner.isEquivalentTo(CompletableFuture.class)
                        && (name.endsWith("Async") || name.equals("delayedExecutor")))
                || name.equals("parallel")
                || name.equals("parallelStream");
    }

    /// A round of the web server's own, which `SupervisedThread.contained` guards.
    private static boolean ofTomcat(JavaAccess<?> access) {
        return access.getOriginOwner().getSimpleName().equals("GuardedEndpoint")
                && access.getTarget().getName().equals("scheduleWithFixedDelay");
    }

    private static ArchCondition<JavaMethod> haveAFixedDelay() {
        return new ArchCondition<>("have a fixed delay") {
            @Override
            public void check(JavaMethod method, ConditionEvents events) {
                Scheduled when = method.getAnnotationOfType(Scheduled.class);
                boolean isFixed =
                        when.cron().isEmpty()
                                && when.fixedRate() < 0
                                && when.fixedRateString().isEmpty();
                if (!isFixed) {
                    events.add(SimpleConditionEvent.violated(method, method.getFullName()));
                }
            }
        };
    }

    /// The scheduler supervises no other kind of periodic task.
    @Test
    void periodicTasksHaveAFixedDelay() {
        methods().that().areAnnotatedWith(Scheduled.class).should(haveAFixedDelay()).check(MAIN);
    }

    /// What is cleaned up after a RuntimeException only is left as it is after an Error.
    @Test
    void cleaningUpIsForEveryThrowable() {
        assertThat(filesWith(Pattern.compile("catch \\(RuntimeException \\w+\\)"), MAIN_SOURCES))
                .isEmpty();
    }

    @Test
    void dependenciesComeByConstructor() {
        GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION.check(MAIN);
    }

    @Test
    void testsDoNotSleep() {
        assertThat(filesWith(SLEEP, TEST_SOURCES)).isEmpty();
    }

    /// A longer file has a second idea, which deserves a file of its own.
    @Test
    void filesHaveAtMost400Lines() {
        assertThat(MAIN_SOURCES.files())
                .filteredOn(file -> file.lines() > LONGEST_FILE)
                .extracting(file -> file.path().getFileName() + ": " + file.lines())
                .isEmpty();
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
