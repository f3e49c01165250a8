package io.fustor.source.mysql.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MariaDbGtidSetTests {

    private static MariaDbGtid gtid(long domain, long server, long number) {
        return new MariaDbGtid(domain, server, number);
    }

    @Test
    void readsWhatTheServerPrintsAndPrintsTheLastOfEachDomainLast() {
        GtidSet set = GtidSet.parse("0-7-12,0-1-9,\n2-1-5");

        assertThat(set).isInstanceOf(MariaDbGtidSet.class).hasToString("0-1-9,0-7-12,2-1-5");
        assertThat(GtidSet.parse(set.toString())).isEqualTo(set).hasSameHashCodeAs(set);
        assertThat(set.contains(gtid(0, 1, 9))).isTrue();
        assertThat(set.contains(gtid(0, 1, 10))).isFalse();
        assertThat(set.contains(gtid(2, 7, 1))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"0-1-1,", "4294967295-4294967295-9223372036854775807", " 0-1-1 , 1-1-1 "})
    void readsGtids(String text) {
        assertThat(GtidSet.parse(text)).isInstanceOf(MariaDbGtidSet.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0-1-0",
                "0-1-1,0-1",
                "0-1-1,x",
                "4294967296-1-1",
                "0-4294967296-1",
                "0-1-9223372036854775808",
                "0-1-1,3e11fa47-71ca-11e1-9e33-c80aa9429562:1"
            })
    void refusesWhatIsNone(String text) {
        assertThatThrownBy(() -> GtidSet.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is not a GTID of MariaDB");
    }

    @Test
    void coversWhatServersThatWereNotMetWroteBeforeItsDomainWasMet() {
        GtidSet set = GtidSet.parse("0-1-100").plus(gtid(0, 1, 101)).plus(gtid(0, 3, 102));

        assertThat(set.covers(gtid(0, 9, 100))).isTrue();
        assertThat(set.covers(gtid(0, 9, 101))).isFalse();
        assertThat(set.covers(gtid(0, 3, 102))).isTrue();
        assertThat(set.covers(gtid(0, 3, 103))).isFalse();
        assertThat(set.covers(gtid(1, 9, 1))).isFalse();
        assertThat(set.contains(gtid(0, 9, 100))).isFalse();
        assertThat(GtidSet.EMPTY.plus(gtid(0, 1, 50)).covers(gtid(0, 9, 49))).isTrue();
        assertThat(GtidSet.EMPTY.plus(gtid(0, 1, 50)).covers(gtid(0, 9, 50))).isFalse();
    }

    @Test
    void isOnlyHadByAServerThatKnowsWhatWasMetSince() {
        GtidSet had = GtidSet.parse("0-5-40,0-1-100").plus(gtid(0, 1, 101)).plus(gtid(0, 2, 102));

        assertThat(had.isSubsetOf(GtidSet.parse("0-5-40,0-1-101,0-2-110"))).isTrue();
        assertThat(had.isSubsetOf(GtidSet.parse("0-1-101,0-2-110")))
                .as("a server that was set up later does not know the oldest")
                .isTrue();
        assertThat(had.isSubsetOf(GtidSet.parse("0-1-110"))).as("102 is another's").isFalse();
        assertThat(had.isSubsetOf(GtidSet.parse("0-1-100,0-2-110"))).isFalse();
        assertThat(GtidSet.parse("0-1-100").isSubsetOf(GtidSet.parse("0-2-110"))).isFalse();
        assertThat(had.isSubsetOf(GtidSet.EMPTY)).isFalse();
        assertThat(GtidSet.EMPTY.isSubsetOf(had)).isTrue();
    }

    @Test
    void coversAllServersTransactionsBeforeAFile() {
        GtidSet had = GtidSet.parse("0-1-100");

        assertThat(had.covers(GtidSet.parse("0-5-40,0-1-60"))).isTrue();
        assertThat(had.covers(GtidSet.parse("0-5-40"))).isTrue();
        assertThat(had.covers(GtidSet.parse("0-1-101"))).isFalse();
        assertThat(had.covers(GtidSet.parse("0-1-60,3-3-1"))).isFalse();
        assertThat(had.covers(GtidSet.EMPTY)).isTrue();
        assertThat(GtidSet.EMPTY.covers(had)).isFalse();
    }

    @Test
    void sharesNothingWithServersThatWroteNothingOfIt() {
        GtidSet set = GtidSet.parse("0-1-100,1-2-7");

        assertThat(set.intersects(GtidSet.parse("0-1-3"))).isTrue();
        assertThat(set.intersects(GtidSet.parse("0-2-500,1-1-7"))).isFalse();
        assertThat(set.ofOrigins(GtidSet.parse("0-2-500,1-2-1"))).hasToString("1-2-7");
        assertThat(set.ofOrigins(GtidSet.EMPTY)).isEqualTo(GtidSet.EMPTY);
    }

    @Test
    void countsWhatAServerLacksInEachDomain() {
        GtidSet set = GtidSet.parse("0-1-100,1-2-7");

        assertThat(set.countMissingIn(GtidSet.parse("0-1-98,1-2-7"))).isEqualTo(2);
        assertThat(set.countMissingIn(GtidSet.parse("0-1-100,1-2-9"))).isZero();
        assertThat(set.countMissingIn(GtidSet.parse("1-2-6"))).isEqualTo(101);
        assertThat(set.countMissingIn(GtidSet.EMPTY)).isEqualTo(107);
    }

    @Test
    void hasNothingInCommonWithASetOfMySql() {
        GtidSet set = GtidSet.parse("0-1-100");
        GtidSet mySql = GtidSet.parse("3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5");

        assertThat(set.isSubsetOf(mySql)).isFalse();
        assertThat(mySql.isSubsetOf(set)).isFalse();
        assertThat(set.covers(mySql)).isFalse();
        assertThat(mySql.covers(set)).isFalse();
        assertThat(set.intersects(mySql)).isFalse();
        assertThat(mySql.intersects(set)).isFalse();
        assertThat(mySql.ofOrigins(set).isEmpty()).isTrue();
        assertThat(mySql.countMissingIn(set)).isEqualTo(5);
        assertThat(set.countMissingIn(mySql)).isEqualTo(100);
        assertThat(mySql.contains(gtid(0, 1, 1))).isFalse();
        assertThatThrownBy(() -> set.plus(mySql)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> mySql.plus(set)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> mySql.plus(gtid(0, 1, 1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /// Three servers write transactions in two domains and share each domain's count. A set knows
    /// the transactions that were added, however it was split and put together.
    @Test
    void agreesWithASetOfNumbers() {
        long seed = System.nanoTime();
        System.out.println("MariaDbGtidSetTests: seed " + seed);
        Random random = new Random(seed);
        Set<MariaDbGtid> oracle = new HashSet<>();
        Map<Long, Long> numbers = new HashMap<>();
        GtidSet left = GtidSet.EMPTY;
        GtidSet right = GtidSet.EMPTY;
        for (int i = 0; i < 500; i++) {
            long domain = random.nextInt(2);
            long server = random.nextInt(3);
            MariaDbGtid next = gtid(domain, server, numbers.merge(domain, 1L, Long::sum));
            oracle.add(next);
            if (random.nextBoolean()) {
                left = left.plus(next);
            } else {
                right = right.plus(next);
            }
        }
        GtidSet all = left.plus(right);

        assertThat(all).isEqualTo(right.plus(left));
        assertThat(left.isSubsetOf(all)).isTrue();
        assertThat(all.covers(right)).isTrue();
        assertThat(oracle).allMatch(all::contains);
        numbers.forEach(
                (domain, last) ->
                        assertThat(all.covers(gtid(domain, 1, last + 1)))
                                .as("after the last of domain " + domain)
                                .isFalse());
    }
}
