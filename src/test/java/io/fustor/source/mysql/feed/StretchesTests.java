package io.fustor.source.mysql.feed;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.encode.JsonBuffer;
import io.fustor.source.mysql.memory.HeapPart;
import io.fustor.source.mysql.position.Place;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Who makes a stretch, who gets it, and that its memory comes back.
class StretchesTests {

    private static final int PIECE = 64 * 1024;

    private final HeapPart memory = new HeapPart(4 * PIECE);
    private final Stretches stretches = new Stretches(new BufferPool(), memory);
    private final ChangeProgress first = new ChangeProgress(place(0));
    private final ChangeProgress second = new ChangeProgress(place(0));

    private static Place place(long number) {
        return new Place(1, 1, 4 + number * Stretches.LENGTH, 1_700_000_000, 0, null, null);
    }

    private static Stretches.Piece piece(long after) {
        JsonBuffer frames = new JsonBuffer(PIECE);
        frames.ascii("x".repeat(PIECE));
        return new Stretches.Piece(frames, 1, place(after), 5);
    }

    /// Makes the stretch before a place, and goes there.
    private static Stretches.Stretch make(
            Stretches.Reader maker, ChangeProgress progress, long to) {
        Stretches.Stretch made = maker.next();
        assertThat(maker.makes(made)).isTrue();
        made.add(piece(to));
        progress.passed(place(to), 5);
        maker.made(made);
        return made;
    }

    @Test
    void oneMakesWhatAllOthersUse() {
        try (Stretches.Reader maker = stretches.enter(first);
                Stretches.Reader user = stretches.enter(second)) {
            Stretches.Stretch made = make(maker, first, 1);

            assertThat(user.next()).isSameAs(made);
            assertThat(user.makes(made)).isFalse();
            assertThat(user.use(made)).isTrue();
            assertThat(made.made()).extracting(Stretches.Piece::after).contains(place(1));
            user.used(made);
        }
        assertThat(memory.used()).isZero();
    }

    @Test
    void nothingIsKeptWhereNoOneComes() {
        second.passed(place(200), 5);
        try (Stretches.Reader maker = stretches.enter(first);
                Stretches.Reader _ = stretches.enter(second)) {
            Stretches.Stretch made = make(maker, first, 1);

            assertThat(made.isWanted()).isFalse();
            assertThat(memory.used()).isZero();
            assertThat(stretches.size()).isZero();
        }
    }

    @Test
    void whatEveryonePassedIsGivenBack() {
        try (Stretches.Reader maker = stretches.enter(first);
                Stretches.Reader _ = stretches.enter(second)) {
            make(maker, first, 1);
            second.passed(place(1), 5);
            make(maker, first, 2);

            assertThat(stretches.size()).isEqualTo(1);
            assertThat(memory.used()).isEqualTo(PIECE);
        }
    }

    @Test
    void stretchInUseKeepsItsMemoryUntilItIsUsed() {
        Stretches.Reader maker = stretches.enter(first);
        Stretches.Reader user = stretches.enter(second);
        Stretches.Stretch made = make(maker, first, 1);
        assertThat(user.use(made)).isTrue();
        for (int i = 2; i < 8; i++) {
            make(maker, first, i);
        }

        // The oldest ones made room, and this one's bytes are still written.
        assertThat(made.made()).hasSize(2);
        assertThat(memory.used()).isEqualTo(4L * PIECE);
        assertThat(user.next()).isNotSameAs(made);
        user.used(made);
        assertThat(made.made()).isEmpty();
        user.close();
        maker.close();
        assertThat(memory.used()).isZero();
    }

    /// A buffer each would soon be more than a stretch may take.
    @Test
    void fewFramesTakeLittleMemory() {
        try (Stretches.Reader maker = stretches.enter(first);
                Stretches.Reader user = stretches.enter(second)) {
            Stretches.Stretch begun = maker.next();
            for (int i = 0; i < 1_000; i++) {
                JsonBuffer frames = new JsonBuffer(PIECE);
                frames.ascii("frames");
                assertThat(begun.add(new Stretches.Piece(frames, 1, place(1), 5))).isFalse();
            }
            first.passed(place(1), 5);
            maker.made(begun);

            assertThat(user.use(user.next())).isTrue();
            assertThat(memory.used()).isEqualTo(6_000);
            user.used(begun);
        }
    }

    @Test
    void nothingIsSharedWithoutMemory() {
        HeapPart none = new HeapPart(0);
        Stretches poor = new Stretches(new BufferPool(), none);
        try (Stretches.Reader maker = poor.enter(first);
                Stretches.Reader user = poor.enter(second)) {
            make(maker, first, 1);

            assertThat(user.makes(user.next())).isTrue();
            assertThat(none.used()).isZero();
        }
    }

    @Test
    void anotherTakesOverWhatIsNotMade() {
        try (Stretches.Reader maker = stretches.enter(first);
                Stretches.Reader other = stretches.enter(second)) {
            Stretches.Stretch slow = maker.next();
            assertThat(other.next()).isSameAs(slow);

            Stretches.Stretch mine = other.takeOver(slow);

            assertThat(other.makes(mine)).isTrue();
            assertThat(maker.makes(slow)).isFalse();
            assertThat(slow.add(piece(1))).isFalse();
            first.passed(place(1), 5);
            maker.made(slow);
            assertThat(other.makes(mine)).isTrue();
            assertThat(memory.used()).isZero();
        }
    }

    @Test
    void makerThatLeavesLeavesTheStretchToOthers() {
        try (Stretches.Reader other = stretches.enter(second)) {
            Stretches.Reader maker = stretches.enter(first);
            Stretches.Stretch begun = maker.next();
            begun.add(piece(1));
            maker.leave(begun);
            maker.close();

            assertThat(begun.isMaking()).isFalse();
            assertThat(other.makes(other.next())).isTrue();
        }
    }

    @Test
    void makerThatLeavesLaterLeavesWhatItMade() {
        try (Stretches.Reader maker = stretches.enter(first);
                Stretches.Reader user = stretches.enter(second)) {
            Stretches.Stretch made = make(maker, first, 1);
            assertThat(user.use(made)).isTrue();
            maker.leave(made);

            assertThat(made.made()).hasSize(2);
            user.used(made);
        }
        assertThat(memory.used()).isZero();
    }

    /// A subscription that used it would stay where it is.
    @Test
    void stretchWithoutLengthIsNotShared() {
        try (Stretches.Reader maker = stretches.enter(first);
                Stretches.Reader user = stretches.enter(second)) {
            Stretches.Stretch begun = maker.next();
            maker.made(begun);

            assertThat(user.makes(user.next())).isTrue();
        }
    }

    @Test
    void spoiledStretchIsNotShared() {
        try (Stretches.Reader maker = stretches.enter(first);
                Stretches.Reader user = stretches.enter(second)) {
            Stretches.Stretch begun = maker.next();
            begun.add(piece(1));
            begun.spoil();
            first.passed(place(1), 5);
            maker.made(begun);

            assertThat(user.makes(user.next())).isTrue();
            assertThat(memory.used()).isZero();
        }
    }

    /// The same file and offset of another binlog, or with other GTIDs, are another place.
    @Test
    void placesOfAnotherBinlogAreApart() {
        Place here = place(0);
        for (Place there :
                List.of(
                        new Place(2, 1, here.offset(), 1_700_000_000, 0, null, null),
                        new Place(1, 1, here.offset(), 1_700_000_001, 0, null, null),
                        here.afterRows(1, null))) {
            ChangeProgress elsewhere = new ChangeProgress(there);
            ChangeProgress mine = new ChangeProgress(here);
            try (Stretches.Reader maker = stretches.enter(mine);
                    Stretches.Reader other = stretches.enter(elsewhere)) {
                make(maker, mine, 1);

                assertThat(other.makes(other.next())).isTrue();
            }
        }
    }

    @Test
    void stretchesEndWhereTheFileDoesOrTheNextMultipleBegins() {
        assertThat(Stretches.isEnd(place(0), place(0))).isFalse();
        assertThat(Stretches.isEnd(place(0), place(1))).isTrue();
        assertThat(
                        Stretches.isEnd(
                                place(0),
                                new Place(1, 2, place(0).offset(), 1_700_000_000, 0, null, null)))
                .isTrue();
    }
}
