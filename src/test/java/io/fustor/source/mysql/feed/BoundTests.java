package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fustor.source.mysql.error.FailureCode;
import io.fustor.source.mysql.error.SourceException;
import io.fustor.source.mysql.position.GtidSet;
import io.fustor.source.mysql.position.Place;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class BoundTests {

    private static final String ORIGIN = "3e11fa47-71ca-11e1-9e33-c80aa9429562:";

    private static Place place(long server, long offset, @Nullable String gtids) {
        GtidSet executed = gtids == null ? null : GtidSet.parse(gtids);
        return new Place(server, 3, offset, 1, 0, executed, null);
    }

    @Test
    void aPlaceOfTheSameServerIsFoundByItsOffset() {
        Bound bound = new Bound.AtPlace(place(1, 500, null));

        assertThat(bound.isReachedAt(place(1, 499, null))).isFalse();
        assertThat(bound.isReachedAt(place(1, 500, null))).isTrue();
        assertThat(bound.isReachedAt(place(1, 501, null))).isTrue();
    }

    @Test
    void aPlaceOfAnotherServerIsFoundByItsGtids() {
        Bound bound = new Bound.AtPlace(place(1, 500, ORIGIN + "1-5"));

        assertThat(bound.isReachedAt(place(2, 9_000, ORIGIN + "1-4"))).isFalse();
        assertThat(bound.isReachedAt(place(2, 4, ORIGIN + "1-5"))).isTrue();
        assertThat(bound.isReachedAt(place(2, 4, null))).isFalse();
    }

    @Test
    void aPlaceWithoutGtidsIsNotGuessedOnAnotherServer() {
        Bound bound = new Bound.AtPlace(place(1, 500, null));

        assertThatThrownBy(() -> bound.isReachedAt(place(2, 9_000, ORIGIN + "1-4")))
                .isInstanceOfSatisfying(
                        SourceException.class,
                        e -> assertThat(e.code()).isEqualTo(FailureCode.FOREIGN_SERVER));
    }
}
