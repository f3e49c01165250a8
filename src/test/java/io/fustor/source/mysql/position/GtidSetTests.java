package io.fustor.source.mysql.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.BitSet;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GtidSetTests {

    private static final String A = "3e11fa47-71ca-11e1-9e33-c80aa9429562";
    private static final String B = "4e11fa47-71ca-11e1-9e33-c80aa9429562";

    @Test
    void readsAndPrintsWhatAServerPrints() {
        GtidSet set = GtidSet.parse(A.toUpperCase() + ":1-5:7:9-10,\n" + B + ":3");

        assertThat(set).hasToString(A + ":1-5:7:9-10," + B + ":3");
    }

    @Test
    void keepsTagsApart() {
        GtidSet set = GtidSet.parse(A + ":1-5:blue:1-2:red:4");

        assertThat(set).hasToString(A + ":1-5:blue:1-2:red:4");
        assertThat(set.contains(new MySqlGtid(UUID.fromString(A), "blue", 2))).isTrue();
        assertThat(set.contains(new MySqlGtid(UUID.fromString(A), "blue", 3))).isFalse();
        assertThat(set.contains(new MySqlGtid(UUID.fromString(A), "", 3))).isTrue();
    }

    @Test
    void joinsIntervalsThatTouchOrOverlap() {
        assertThat(GtidSet.parse(A + ":1-3:4-6:5-9:11")).hasToString(A + ":1-9:11");
        assertThat(GtidSet.parse(A + ":1-3").plus(new MySqlGtid(UUID.fromString(A), "", 4)))
                .hasToString(A + ":1-4");
    }

    @Test
    void countsWhatAnotherSetLacks() {
        assertThat(GtidSet.parse(A + ":1-10," + B + ":1").countMissingIn(GtidSet.parse(A + ":3-5")))
                .isEqualTo(8);
    }

    @Test
    void behavesLikeASetOfNumbers() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        BitSet oracle = new BitSet();
        GtidSet set = GtidSet.EMPTY;
        for (int i = 0; i < 2_000; i++) {
            int number = 1 + random.nextInt(400);
            oracle.set(number);
            set = set.plus(new MySqlGtid(UUID.fromString(A), "", number));
            int asked = 1 + random.nextInt(400);
            assertThat(set.contains(new MySqlGtid(UUID.fromString(A), "", asked)))
                    .isEqualTo(oracle.get(asked));
        }
        assertThat(GtidSet.parse(set.toString())).isEqualTo(set);
        assertThat(set.countMissingIn(GtidSet.EMPTY)).isEqualTo(oracle.cardinality());
        assertThat(set.isSubsetOf(GtidSet.parse(A + ":1-400"))).isTrue();
        assertThat(GtidSet.parse(A + ":1-401").isSubsetOf(set)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "x",
                "3e11fa47:1",
                "3e11fa47-71ca-11e1-9e33-c80aa9429562",
                "3e11fa47-71ca-11e1-9e33-c80aa9429562:0",
                "3e11fa47-71ca-11e1-9e33-c80aa9429562:5-3",
                "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-2-3",
                "3e11fa47-71ca-11e1-9e33-c80aa9429562:tag"
            })
    void refusesWhatIsNoSet(String text) {
        assertThatThrownBy(() -> GtidSet.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not a GTID set");
    }

    @Test
    void leavesOneOut() {
        MySqlGtidSet set = MySqlGtidSet.parse(A + ":1-3:7");

        assertThat(set.minus(new MySqlGtid(UUID.fromString(A), "", 2)).toString())
                .isEqualTo(A + ":1:3:7");
        assertThat(set.minus(new MySqlGtid(UUID.fromString(A), "", 1)).toString())
                .isEqualTo(A + ":2-3:7");
        assertThat(set.minus(new MySqlGtid(UUID.fromString(A), "", 7)).toString())
                .isEqualTo(A + ":1-3");
        assertThat(set.minus(new MySqlGtid(UUID.fromString(A), "", 4))).isEqualTo(set);
        assertThat(
                        MySqlGtidSet.parse(A + ":5")
                                .minus(new MySqlGtid(UUID.fromString(A), "", 5))
                                .isEmpty())
                .isTrue();
    }

    @Test
    void keepsWhatAnOriginNumberedUpToATransaction() {
        String b = "4e11fa47-71ca-11e1-9e33-c80aa9429562";
        MySqlGtidSet set = MySqlGtidSet.parse(A + ":1-3:7-9," + b + ":1-5");

        assertThat(set.upTo(new MySqlGtid(UUID.fromString(A), "", 8)).toString())
                .isEqualTo(A + ":1-3:7-8," + b + ":1-5");
        assertThat(set.upTo(new MySqlGtid(UUID.fromString(A), "", 5)).toString())
                .isEqualTo(A + ":1-3," + b + ":1-5");
        assertThat(set.upTo(new MySqlGtid(UUID.fromString(A), "", 9))).isEqualTo(set);
        assertThat(
                        MySqlGtidSet.parse(A + ":5")
                                .upTo(new MySqlGtid(UUID.fromString(A), "", 4))
                                .isEmpty())
                .isTrue();
    }

    @Test
    void takesAnEmptyTextForTheEmptySet() {
        assertThat(GtidSet.parse(" \n").isEmpty()).isTrue();
    }
}
