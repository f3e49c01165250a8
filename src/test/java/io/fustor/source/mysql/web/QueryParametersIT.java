package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.support.Answer;
import io.fustor.source.mysql.support.LocalService;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;

/// That a slip in a request's parameters or in the fields of its body is refused and named.
class QueryParametersIT {

    private static final String FEED = "/api/sources/none/events?";

    private static LocalService service;

    @BeforeAll
    static void start() {
        service = LocalService.start(Map.of());
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @ParameterizedTest
    @CsvSource({
        "table=shop.orders,tables",
        "Tables=shop.orders,tables",
        "TABLES=shop.orders,tables",
        "tables%20=shop.orders,tables",
        "field=shop.orders.id,fields",
        "op=insert,ops",
        "last-event-id=x,last_event_id",
        "lasteventid=x,lastEventId",
        "onlost=fail,on_lost",
        "tables=a.b&frm=now,from",
        "bignumbers=string,big_numbers",
        "%74able=a.b,tables"
    })
    void namesTheParameterThatWasMeant(String query, String meant) {
        Answer answer = service.get(FEED + query);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.detail()).contains("Did you mean " + meant + "?");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "r=0.123",
                "%00=1",
                "%ff=1",
                "x",
                "=x",
                "tables%5B%5D=a.b",
                "evs_preamble",
                "_=1"
            })
    void refusesAParameterThatIsLikeNone(String query) {
        Answer answer = service.get(FEED + query);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.detail()).contains("no parameter", "tables");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tables=a.b&tables=c.d",
                "tables=a.b&tabl%65s=a.b",
                "from=now&consumer=c&from=now",
                "last_event_id=x&last_event_id=y"
            })
    void refusesAParameterThatIsGivenTwice(String query) {
        Answer answer = service.get(FEED + query);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.detail()).contains("given twice");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"tables=", "tables", "tables=%20", "fields=+", "ops=", "from=", "batch"})
    void refusesAParameterWithoutAValue(String query) {
        Answer answer = service.get(FEED + query);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.detail()).contains("is empty");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "tables=a.b&fields=a.b.c&ops=insert&batch=5&snapshot=none&on_lost=fail",
                "transactions=true&big_numbers=string&format=debezium&from=now&consumer=c",
                "&tables=a.b&&",
                "tables=a=b"
            })
    void takesEveryParameterThatTheContractHas(String query) {
        assertThat(service.get(FEED + query).status()).isIn(404, 400);
        assertThat(service.get(FEED + query).detail())
                .doesNotContain("parameter", "twice", "empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"last_event_id", "lastEventId"})
    void readsATokenUnderBothNames(String name) {
        assertThat(service.get(FEED + name + "=nonsense").detail()).startsWith("last_event_id: ");
    }

    @Test
    void takesNoHeaderForAParameter() {
        Answer answer = service.get(FEED, "Batch", "nonsense", "On-Lost", "x", "Snapshot", "x");

        assertThat(answer.status()).isEqualTo(404);
    }

    static Stream<String> pathsWithoutParameters() {
        return Stream.of(
                "GET /api/configs",
                "GET /api/configs/sources",
                "GET /api/sources",
                "GET /api/sources/x",
                "GET /api/sources/x/checkpoints/c",
                "DELETE /api/sources/x/checkpoints/c",
                "GET /api/sources/x/positions/1",
                "GET /api/drivers",
                "GET /api/drivers/sources/mysql/wizard",
                "GET /api/instances/status",
                "GET /api/session",
                "POST /api/instances/sources/x/_actions/stop",
                "POST /api/configs/sources/_actions/cleanup");
    }

    @ParameterizedTest
    @MethodSource("pathsWithoutParameters")
    void refusesAnyParameterWhereThereIsNone(String request) {
        String[] words = request.split(" ");

        Answer answer = service.send(words[0], words[1] + "?rewind=true", null);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.detail()).contains("no parameter rewind");
    }

    /// Such a method takes every parameter; only what Fustor's interface asks for in vain may.
    @Test
    void noOtherControllerTakesAllParametersAsAMap() {
        var mapping =
                service.bean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class);

        assertThat(mapping.getHandlerMethods().values())
                .filteredOn(QueryParametersIT::isOurs)
                .hasSizeGreaterThan(25)
                .filteredOn(
                        method ->
                                List.of(method.getMethod().getParameterTypes()).contains(Map.class))
                .allSatisfy(
                        method ->
                                assertThat(method.getBeanType().getSimpleName())
                                        .isEqualTo("OtherKindsController"));
        assertThat(service.get("/api/logs?limit=10&level=").body()).isEqualTo("[]");
    }

    private static boolean isOurs(HandlerMethod method) {
        return method.getBeanType().getName().startsWith("io.fustor.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/actuator/health?x=1", "/v3/api-docs?x=1", "/openapi.json?x=1"})
    void leavesPathsThatAreNotOursAlone(String path) {
        assertThat(service.get(path).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"positon\": \"x\"} | position",
                "{\"position\": \"x\", \"rewind\": true} | rewind",
                "{\"Position\": \"x\"} | position"
            })
    void refusesAFieldThatACheckpointDoesNotHave(String body, String named) {
        Answer answer = service.send("PUT", "/api/sources/none/checkpoints/c", body);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.detail()).contains("no field", named).doesNotContain("\"x\"");
    }

    /// Fustor's contract: extra unknown request fields are ignored.
    @Test
    void leavesFurtherFieldsOfFustorsBodiesAlone() {
        Answer created =
                service.post(
                        "/api/configs/sources/further",
                        """
                        {"config": {"driver": "mysql", "uri": "127.0.0.1:1", "more": 1,
                          "credential": {"user": "u", "passwd": "p", "more": {}}, "disabled": true},
                         "more": []}
                        """);
        Answer tested =
                service.post(
                        "/api/drivers/sources/mysql/_actions/check_params",
                        "{\"uri\": \"127.0.0.1:1\", \"more\": 1, \"admin_creds\": {\"user\": \"u\"}}");

        assertThat(created.status()).as(created.body()).isEqualTo(201);
        assertThat(tested.status()).as(tested.body()).isEqualTo(200);
    }
}
