package io.fustor.source.mysql.position;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class FeedTokenTests {

    private static final UUID SERVER = UUID.fromString("3e11fa47-71ca-11e1-9e33-c80aa9429562");

    private static Place place(Random random) {
        GtidSet executed =
                random.nextBoolean()
                        ? null
                        : GtidSet.parse(
                                SERVER
                                        + ":1-"
                                        + (1 + random.nextInt(1000))
                                        + ":2000-3000:tag_1:7,"
                                        + new UUID(1, 2)
                                        + ":5");
        Gtid gtid =
                random.nextBoolean()
                        ? null
                        : new MySqlGtid(SERVER, random.nextBoolean() ? "" : "blue", 77);
        long rows = random.nextInt(3) == 0 ? 0 : random.nextLong(1L << 40);
        return new Place(
                random.nextLong(),
                random.nextLong(1L << 33),
                random.nextLong(1L << 32),
                random.nextInt(),
                rows,
                executed,
                rows == 0 ? null : gtid);
    }

    @Test
    void readsBackWhatItWrote() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 5_000; i++) {
            Place place = place(random);
            FeedToken token = FeedToken.of("shop", place);

            FeedToken read = FeedToken.parse(token.toString());

            assertThat(read).isEqualTo(token);
            assertThat(read.toString()).matches("[A-Za-z0-9_-]+");
            assertThat(read.isOf("shop")).isTrue();
            assertThat(read.isOf("shop2")).isFalse();
        }
    }

    @Test
    void readsBackGtidsOfMariaDbAndWhatTheyCover() {
        GtidSet executed = GtidSet.parse("0-5-40,0-1-100").plus(new MariaDbGtid(0, 1, 101));
        MariaDbGtid gtid = new MariaDbGtid(7, 4_294_967_295L, Long.MAX_VALUE);
        for (Place place :
                new Place[] {
                    new Place(1, 2, 3, 4, 0, executed, null),
                    new Place(1, 2, 3, 4, 5, executed, gtid),
                    new Place(1, 2, 3, 4, 5, GtidSet.EMPTY, gtid),
                    new Place(1, 2, 3, 4, 5, null, gtid)
                }) {
            Place read = FeedToken.parse(FeedToken.of("shop", place).toString()).position();

            assertThat(read).isEqualTo(place);
        }
        GtidSet read =
                FeedToken.parse(
                                FeedToken.of("shop", new Place(1, 2, 3, 4, 0, executed, null))
                                        .toString())
                        .position()
                        .executedOrEmpty();
        assertThat(read.covers(new MariaDbGtid(0, 9, 100))).isTrue();
        assertThat(read.covers(new MariaDbGtid(0, 9, 101))).isFalse();
    }

    @Test
    void readsBackAPlaceInASnapshot() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        for (int i = 0; i < 2_000; i++) {
            byte[] key = new byte[random.nextInt(3_100)];
            random.nextBytes(key);
            SnapshotPlace place =
                    new SnapshotPlace(
                            "sh\uD83D\uDE00p",
                            "t".repeat(1 + random.nextInt(64)),
                            random.nextInt(),
                            key,
                            random.nextLong(1L << 40));
            Place follow = place(random).afterRows(0, null);
            FeedToken token = new FeedToken(7, follow, place, null);

            FeedToken read = FeedToken.parse(token.toString());

            assertThat(read).isEqualTo(token);
            assertThat(read.toString()).matches("[A-Za-z0-9_-]+");
        }
    }

    @Test
    void readsBackTheEndOfAnOverlap() {
        Random random = new Random(3);
        for (int i = 0; i < 1_000; i++) {
            Overlap overlap =
                    new Overlap(
                            random.nextLong(),
                            random.nextLong(1L << 40),
                            random.nextLong(1L << 40));
            FeedToken token = new FeedToken(7, place(random), null, overlap);

            assertThat(FeedToken.parse(token.toString())).isEqualTo(token);
        }
    }

    @Test
    void writesEachRowsTokenAfterTheSharedPart() {
        Place start = new Place(1, 42, 1547, 99, 0, GtidSet.parse(SERVER + ":1-9"), null);
        Gtid gtid = new MySqlGtid(SERVER, "", 10);
        FeedToken.Prefix prefix =
                FeedToken.prefix(FeedToken.sourceNumber("shop"), start, gtid, null);
        byte[] text = new byte[prefix.length() + 2];

        for (long rows : new long[] {1, 2, 63, 64, 5_000, (1L << 40) - 1}) {
            int end = prefix.write(text, 1, rows);

            assertThat(new String(text, 1, end - 1, StandardCharsets.US_ASCII))
                    .isEqualTo(FeedToken.of("shop", start.afterRows(rows, gtid)).toString());
        }
    }

    @Test
    void refusesATokenThatWasCutOrChanged() {
        String token = FeedToken.of("shop", place(new Random(1))).toString();
        refusesCutOrChanged(token);
        GtidSet executed = GtidSet.parse("0-5-40,0-1-100,3-1-2");
        refusesCutOrChanged(
                FeedToken.of("shop", new Place(1, 2, 3, 4, 0, executed, null)).toString());
    }

    private static void refusesCutOrChanged(String token) {
        for (int length = 0; length < token.length(); length++) {
            String cut = token.substring(0, length);
            assertThatThrownBy(() -> FeedToken.parse(cut))
                    .as(cut)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("malformed");
        }
        for (int at = 0; at < token.length(); at++) {
            char other = token.charAt(at) == 'A' ? 'B' : 'A';
            String changed = token.substring(0, at) + other + token.substring(at + 1);
            assertThatThrownBy(() -> FeedToken.parse(changed))
                    .as(changed)
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void refusesAnythingElse() {
        Random random = new Random(5);
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = new byte[random.nextInt(120)];
            random.nextBytes(bytes);
            String text = new String(bytes, StandardCharsets.ISO_8859_1);
            assertThatThrownBy(() -> FeedToken.parse(text))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void leavesOutASetThatWouldMakeTheTokenTooLongForAHeader() {
        StringBuilder set = new StringBuilder(SERVER.toString());
        for (int i = 1; i < 2_000; i++) {
            set.append(':').append(i * 3);
        }
        Place place = new Place(1, 2, 3, 4, 0, GtidSet.parse(set.toString()), null);

        String token = FeedToken.of("shop", place).toString();

        assertThat(token.length()).isLessThan(2_000);
        assertThat(FeedToken.parse(token).position().executed()).isNull();
    }

    @Test
    void holdsTheBytesThatProveAPlace() {
        Evidence evidence = new Evidence(1_700_000_000, 300, -7);
        Place place = new Place(1, 2, 3_000, evidence, 4, null, null);

        assertThat(FeedToken.parse(FeedToken.of("shop", place).toString()).position())
                .isEqualTo(place);
    }
}
