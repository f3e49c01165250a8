package io.fustor.source.mysql.thread;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.ChangeEvent;
import io.fustor.source.mysql.support.FeedClient;
import io.fustor.source.mysql.support.FeedRequest;
import io.fustor.source.mysql.support.Frame;
import io.fustor.source.mysql.support.LocalService;
import io.fustor.source.mysql.support.Seeds;
import io.fustor.source.mysql.support.ServiceApi;
import io.fustor.source.mysql.support.TestMySql;
import io.fustor.source.mysql.support.ThrownErrors;
import io.fustor.source.mysql.support.ThrownErrors.Point;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/// An [Error] anywhere in the service ends no thread without a word: each method that a reader, a
/// subscription, a snapshot, a helper, a look or a periodic task runs is made to throw one. Which
/// methods these are is found by running them, so a new one is among them.
///
/// A few at random; `-Dcontainment.points=100000` takes all.
@Tag("fault")
class ContainmentIT {

    private static final int POINTS = Integer.getInteger("containment.points", 30);
    private static final long SEED = Seeds.of("containment.seed", ContainmentIT.class);

    /// In which it has to be told.
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private static final List<Supplier<? extends Error>> ERRORS =
            List.of(
                    () -> new AssertionError("thrown by a test"),
                    () -> new StackOverflowError("thrown by a test"),
                    () -> new NoClassDefFoundError("thrown by a test"),
                    () -> new ExceptionInInitializerError("thrown by a test"),
                    () -> new UnsatisfiedLinkError("thrown by a test"));

    private static TestMySql mysql;
    private static LocalService service;
    private static ServiceApi api;
    private static ThrownErrors errors;

    private static final Consumer CONSUMER = new Consumer();
    private static int rows;

    @BeforeAll
    static void start() {
        mysql = TestMySql.start();
        mysql.execute(
                "CREATE DATABASE c",
                "CREATE TABLE c.t (id INT PRIMARY KEY, v VARCHAR(100))",
                "CREATE TABLE c.s (id INT PRIMARY KEY)",
                "INSERT INTO c.s VALUES (1), (2), (3), (4), (5)");
        service =
                LocalService.start(
                        Map.of("fustor.look-interval", "1s", "fustor.feed.stalled-after", "4s"));
        api = new ServiceApi(URI.create("http://127.0.0.1:" + service.port()));
        api.addSource("c", mysql);
        errors =
                ThrownErrors.in(
                        "capture", "binlog", "feed", "snapshot", "source", "monitoring", "encode");
    }

    @AfterAll
    static void stop() {
        errors.close();
        service.close();
        mysql.close();
    }

    /// Follows the table, resumes whenever its stream ends, and takes note of what it was told.
    private static final class Consumer {

        private final List<Integer> ids = new ArrayList<>();
        private @Nullable String token;
        private @Nullable String toldCode;

        private FeedRequest request() {
            return api.feed("c").with("tables", "c.t").patience(LONGEST).after(token);
        }

        /// Reads up to a row, by as many connections as it takes.
        void readTo(int last) {
            long end = System.nanoTime() + 3 * LONGEST.toNanos();
            while (ids.isEmpty() || ids.getLast() < last) {
                assertThat(System.nanoTime()).as("the row " + last + " comes").isLessThan(end);
                try (FeedClient client = request().send()) {
                    if (client.status() == 200) {
                        read(client, last);
                    }
                } catch (UncheckedIOException _) {
                    // Cut off: it comes again.
                }
            }
        }

        private void read(FeedClient client, int last) {
            while (ids.isEmpty() || ids.getLast() < last) {
                Frame frame = client.frameOrEnd().orElse(null);
                if (frame == null) {
                    return;
                }
                if (frame.isControl("error")) {
                    toldCode = ChangeEvent.JSON.readTree(frame.data()).path("code").asString();
                }
                if (frame.isChange()) {
                    frame.change()
                            .flatten()
                            .forEach(
                                    row ->
                                            ids.add(
                                                    ChangeEvent.JSON
                                                            .readTree(row.row())
                                                            .path("id")
                                                            .asInt()));
                }
                if (client.token() != null) {
                    token = client.token();
                }
            }
        }
    }

    private static void insert(int count) {
        for (int i = 0; i < count; i++) {
            rows++;
            mysql.execute("INSERT INTO c.t VALUES (" + rows + ", REPEAT('v', 90))");
        }
    }

    /// All that a reader and a subscription do: begins, catches up, goes live, and the source
    /// stops.
    private static void follow() {
        does("stop");
        insert(2);
        does("start");
        insert(1);
        CONSUMER.readTo(rows);
        try (FeedClient snapshot =
                api.feed("c").with("tables", "c.s").with("snapshot", "only").send()) {
            if (snapshot.status() == 200) {
                while (snapshot.frameOrEnd().isPresent()) {
                    // To its end, or to the error.
                }
            }
        } catch (UncheckedIOException _) {
            // Cut off.
        }
    }

    /// Once more where the request itself was made to fail.
    private static void does(String action) {
        String path = "/api/instances/sources/c/_actions/" + action;
        if (api.post(path, "{}").status() != 200) {
            api.post(path, "{}").expect(200);
        }
    }

    private static String meters() {
        return api.get("/actuator/prometheus").expect(200).body();
    }

    private static long contained() {
        return IntStream.range(0, Work.values().length)
                .mapToLong(i -> InternalFailures.count(Work.values()[i]))
                .sum();
    }

    private static List<Point> drawn() {
        List<Point> points = new ArrayList<>(errors.seen());
        points.removeIf(point -> point.thread().equals("main"));
        Map<String, List<Point>> byThread = new HashMap<>();
        Collections.shuffle(points, new Random(SEED));
        points.forEach(
                point ->
                        byThread.computeIfAbsent(point.thread(), _ -> new ArrayList<>())
                                .add(point));
        List<Point> drawn = new ArrayList<>();
        byThread.values()
                .forEach(
                        all ->
                                drawn.addAll(
                                        all.subList(
                                                0,
                                                Math.min(
                                                        all.size(),
                                                        Math.max(1, POINTS / byThread.size())))));
        return drawn;
    }

    @Test
    void anErrorAnywhereIsToldAndTheNextSubscriberGetsEveryRowOnce() {
        System.out.println("containment.seed=" + SEED);
        int first = rows + 1;
        CONSUMER.token = api.tokenOfNow("c");
        insert(1);
        follow();
        await().atMost(LONGEST)
                .until(() -> errors.seen().stream().anyMatch(p -> p.thread().startsWith("look")));
        List<Point> points = drawn();
        int thrown = 0;
        for (int i = 0; i < points.size(); i++) {
            Point point = points.get(i);
            long before = contained();
            errors.arm(point, ERRORS.get(i % ERRORS.size()));
            follow();
            if (!errors.hasThrown()) {
                follow();
            }
            if (errors.disarm()) {
                thrown++;
                await(point.toString())
                        .atMost(LONGEST)
                        .until(() -> contained() > before || isOfTheWebServer(point));
            }
            assertThat(CONSUMER.ids)
                    .as("after " + point)
                    .containsExactlyElementsOf(IntStream.rangeClosed(first, rows).boxed().toList());
        }
        System.out.println("containment points=" + points.size() + " thrown=" + thrown);
        // The others were entered by threads that had nothing to do in the meantime.
        assertThat(thrown).isGreaterThanOrEqualTo(5);
    }

    /// What Tomcat and Spring's filters catch: the request is answered with 500, or cut.
    private static boolean isOfTheWebServer(Point point) {
        return point.thread().contains("tomcat") || point.thread().startsWith("http");
    }

    @Test
    void aReaderThatThrowsIsToldByStateHealthMetersAndStream() {
        String token = api.tokenOfNow("c");
        try (FeedClient client = api.feed("c").with("tables", "c.t").after(token).open()) {
            client.hello();
            awaitState("STREAMING");

            errors.arm(
                    new Point("capture", "capture.LiveWindow.append"),
                    () -> new StackOverflowError("thrown by a test"));
            insert(1);

            assertThat(client.control("error").path("code").asString()).isEqualTo("INTERNAL");
            assertThat(client.control("end").path("reason").asString()).isEqualTo("error");
            assertToldAs("INTERNAL");
            assertFaultIsTold(Work.READER);
        }
        try (FeedClient client = api.feed("c").with("tables", "c.t").after(token).open()) {
            client.hello();
            assertThat(client.rows(1)).hasSize(1);
            awaitState("STREAMING");
            await().atMost(LONGEST).until(() -> health().path("status").asString().equals("UP"));
        }
    }

    /// Where a subscription runs: catching up, live, in a snapshot, encoding for itself.
    enum Place {
        CATCH_UP("feed.CatchUp.takeNext", Work.SUBSCRIPTION),
        LIVE("feed.LiveDelivery.deliverLive", Work.SUBSCRIPTION),
        SNAPSHOT("feed.SnapshotDelivery.addRow", Work.SUBSCRIPTION),
        ENCODING("encode.EventEncoder.encode", Work.ENCODING);

        private final String method;
        private final Work work;

        Place(String method, Work work) {
            this.method = method;
            this.work = work;
        }

        private FeedRequest request(String start) {
            FeedRequest request = api.feed("c").patience(LONGEST);
            return switch (this) {
                case CATCH_UP, LIVE, ENCODING -> request.with("tables", "c.t").after(start);
                case SNAPSHOT -> request.with("tables", "c.s").with("snapshot", "only");
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void aSubscriptionThatThrowsIsToldByStateHealthMetersAndStream(Place place) {
        String start = api.tokenOfNow("c");
        // Without a window that could be joined or begun.
        mysql.execute("FLUSH BINARY LOGS");
        does("stop");
        if (place != Place.LIVE) {
            insert(1);
        }
        does("start");
        if (place != Place.LIVE) {
            arm(place);
        }
        long before = InternalFailures.count(place.work);
        try (FeedClient client = place.request(start).open()) {
            if (place == Place.LIVE) {
                client.hello();
                await().atMost(LONGEST).until(ContainmentIT::isLive);
                arm(place);
                insert(1);
            }
            assertThat(client.control("error").path("code").asString()).isEqualTo("INTERNAL");
            assertThat(client.control("end").path("reason").asString()).isEqualTo("error");
        }
        await().atMost(LONGEST).until(() -> InternalFailures.count(place.work) > before);
        await().atMost(LONGEST)
                .until(() -> api.source("c").path("warnings").toString().contains("fault of the"));
        assertFaultIsTold(place.work);
        try (FeedClient client = place.request(start).open()) {
            assertThat(client.rows(1)).isNotEmpty();
        }
    }

    private static void arm(Place place) {
        errors.arm(
                new Point("tomcat-handler", place.method),
                () -> new StackOverflowError("thrown by a test"));
    }

    private static boolean isLive() {
        JsonNode subscriber = api.source("c").path("subscribers").path(0);
        return subscriber.path("state").asString().equals("live");
    }

    private static void assertFaultIsTold(Work work) {
        await().atMost(LONGEST).untilAsserted(() -> assertFaultIsToldNow(work));
    }

    private static void assertFaultIsToldNow(Work work) {
        JsonNode faults = components().path("faults");
        assertThat(faults.path("status").asString()).isEqualTo("UNKNOWN");
        assertThat(faults.path("details").path(work.text()).asString()).startsWith("INTERNAL");
        assertThat(meters().lines())
                .filteredOn(
                        line ->
                                line.startsWith(
                                        "fustor_internal_failures_total{work=\""
                                                + work.text()
                                                + "\"}"))
                .singleElement()
                .satisfies(line -> assertThat(line).doesNotEndWith(" 0.0"));
    }

    /// Before a stream begins, and where there is none.
    @ParameterizedTest
    @CsvSource({
        "feed.Beginnings.begin, /api/sources/c/events",
        "monitoring.SourceViews.view, /api/sources/c"
    })
    void aRequestThatThrowsIsAnsweredAsAFaultOfTheService(String method, String path) {
        errors.arm(
                new Point("tomcat-handler", method),
                () -> new NoClassDefFoundError("thrown by a test"));

        Answer answer = api.get(path).expect(500);

        assertThat(errors.disarm()).isTrue();
        assertThat(answer.json().path("code").asString()).isEqualTo("INTERNAL");
        assertThat(answer.detail()).contains("under the number");
        assertFaultIsTold(Work.REQUEST);
        api.get("/api/sources/c").expect(200);
        try (FeedClient client = api.feed("c").open()) {
            client.hello();
        }
    }

    @Test
    void aReaderThatHangsIsGivenUpAndTheNextSubscriberStartsAnother() {
        String token = api.tokenOfNow("c");
        try (FeedClient client = api.feed("c").with("tables", "c.t").after(token).open()) {
            client.hello();
            awaitState("STREAMING");

            errors.arm(
                    new Point("capture", "capture.LiveWindow.append"),
                    () -> {
                        hang();
                        return new AssertionError("woken up");
                    });
            insert(1);

            assertThat(client.control("error").path("code").asString()).isEqualTo("READER_STALLED");
            assertToldAs("READER_STALLED");
        }
        try (FeedClient client = api.feed("c").with("tables", "c.t").after(token).open()) {
            client.hello();
            assertThat(client.rows(1)).hasSize(1);
            awaitState("STREAMING");
        }
    }

    private static void hang() {
        while (!Thread.currentThread().isInterrupted()) {
            LockSupport.park();
        }
    }

    @Test
    void aTaskThatThrowsIsToldAndRunsAgain() {
        Point task =
                errors.seen().stream()
                        .filter(point -> point.thread().startsWith("task"))
                        .filter(point -> point.method().endsWith("SourceMeters.reconcile"))
                        .findFirst()
                        .orElse(new Point("task", "monitoring.SourceMeters.reconcile"));

        errors.armUntilDisarmed(task, () -> new NoClassDefFoundError("thrown by a test"));

        await().atMost(LONGEST).until(ContainmentIT::isTaskDown);
        assertFaultIsTold(Work.TASK);
        errors.disarm();
        await().atMost(LONGEST)
                .until(() -> components().path("tasks").path("status").asString().equals("UP"));
    }

    private static boolean isTaskDown() {
        JsonNode tasks = components().path("tasks");
        String reason = tasks.path("details").path("SourceMeters.reconcile").asString();
        return tasks.path("status").asString().equals("DOWN") && reason.startsWith("INTERNAL");
    }

    private static void assertToldAs(String code) {
        await().atMost(LONGEST).untilAsserted(() -> assertToldNowAs(code));
    }

    private static void assertToldNowAs(String code) {
        JsonNode view = api.source("c");
        assertThat(view.path("state").asString()).isEqualTo("FAILED");
        assertThat(view.path("error").path("code").asString()).isEqualTo(code);
        assertThat(view.path("lag_ms").isNull()).isTrue();
        assertThat(view.path("warnings")).isNotEmpty();
        assertThat(health().path("status").asString()).isEqualTo("DOWN");
        assertThat(health().path("details").path("reason").asString()).startsWith(code);
        assertThat(meters())
                .contains("fustor_source_state{source=\"c\",state=\"FAILED\"} 1.0")
                .contains("fustor_source_available{source=\"c\"} 0.0")
                .contains("fustor_source_warnings{source=\"c\",warning=\"server\"} 1.0");
    }

    private static void awaitState(String state) {
        await().atMost(LONGEST).until(() -> api.source("c").path("state").asString().equals(state));
    }

    private static JsonNode components() {
        return api.get("/actuator/health").json().path("components");
    }

    private static JsonNode health() {
        return components().path("sources").path("components").path("c");
    }
}
