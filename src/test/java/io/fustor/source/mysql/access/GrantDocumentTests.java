package io.fustor.source.mysql.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.RequestException;
import io.fustor.source.mysql.grant.Grant;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GrantDocumentTests {

    @Test
    void hasTheDefaultsOfTheContract() {
        Grant grant = GrantDocument.parse("{}").check();

        assertThat(grant.sources()).isEmpty();
        assertThat(grant.tables()).isEmpty();
        assertThat(grant.unmasked()).isFalse();
        assertThat(grant.snapshots()).isTrue();
        assertThat(grant.maxStreams()).isEqualTo(100);
        assertThat(grant.sharedCache()).isFalse();
        assertThat(grant.expires()).isNull();
    }

    @Test
    void survivesBeingStored() {
        Grant grant =
                GrantDocument.parse(
                                """
                                {"sources": ["shop", "eu-*"], "tables": ["shop.orders"],
                                 "without": ["*.*.email"], "where": ["shop.orders: id = 1"],
                                 "unmasked": true, "snapshots": false, "max_streams": 3,
                                 "shared_cache": true,
                                 "expires": "2030-01-01T00:00:00+02:00"}""")
                        .check();

        assertThat(GrantDocument.parse(GrantDocument.of(grant).json()).check()).isEqualTo(grant);
        assertThat(grant.expires()).isEqualTo(Instant.parse("2029-12-31T22:00:00Z"));
        assertThat(grant.where()).containsExactly("shop.orders: id = 1");
    }

    /// A release that does not know the key refuses a stored grant that has it.
    @Test
    void hasNoSharedCacheInItsTextUnlessItIsGranted() {
        Grant grant = GrantDocument.parse("{\"shared_cache\": false}").check();

        assertThat(GrantDocument.of(grant).json()).doesNotContain("shared_cache");
    }

    @Test
    void mayBeOverFromTheBeginning() {
        Grant grant = GrantDocument.of(Map.of("expires", "2020-01-01T00:00:00Z")).check();

        assertThat(grant.isOver(Instant.now())).isTrue();
    }

    @Test
    void endsWithTheSoonerOfTwo() {
        Instant noon = Instant.parse("2030-01-01T12:00:00Z");
        Grant grant = GrantDocument.parse("{\"expires\":\"2030-01-01T12:00:00Z\"}").check();

        assertThat(grant.until(noon.plusSeconds(1)).expires()).isEqualTo(noon);
        assertThat(grant.until(noon.minusSeconds(1)).expires()).isEqualTo(noon.minusSeconds(1));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"table\": [\"a.b\"]} | table",
                "{\"tables\": \"a.b\"} | grant",
                "{\"tables\": []} | tables",
                "{\"fields\": []} | fields",
                "{\"tables\": [\"a\"]} | tables",
                "{\"tables\": [\"\"]} | tables",
                "{\"tables\": [null]} | tables",
                "{\"tables\": [5]} | grant",
                "{\"fields\": [\"a.b\"]} | fields",
                "{\"without\": [\"a.b.\"]} | without",
                "{\"sources\": [\"a/b\"]} | sources",
                "{\"max_streams\": -1} | max_streams",
                "{\"max_streams\": 0} | max_streams",
                "{\"max_streams\": 1.5} | grant",
                "{\"max_streams\": \"5\"} | grant",
                "{\"snapshots\": \"no\"} | grant",
                "{\"shared_cache\": 1} | grant",
                "{\"expires\": \"tomorrow\"} | expires",
                "{\"expires\": 5} | grant",
                "[] | grant",
                "{ | grant",
            })
    void refusesWhatIsNoGrant(String json, String named) {
        assertThatThrownBy(() -> GrantDocument.parse(json).check())
                .isInstanceOf(RequestException.class)
                .hasMessageContaining(named);
    }

    @Test
    void tellsWhetherStreamsMayGoOn() {
        Grant grant = GrantDocument.of(Map.of("tables", List.of("a.b"))).check();

        assertThat(grant.showsTheSameAs(grant.until(Instant.MAX))).isTrue();
        assertThat(grant.showsTheSameAs(GrantDocument.of(Map.of("tables", List.of("a.*"))).check()))
                .isFalse();
        assertThat(
                        grant.showsTheSameAs(
                                GrantDocument.of(Map.of("tables", List.of("a.b"), "unmasked", true))
                                        .check()))
                .isFalse();
    }
}
