package io.fustor.source.mysql.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.memory.ClientMemory.Use;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamRoomTests {

    private static final long MEBIBYTE = 1024 * 1024;
    private static final long OF_A_REQUEST =
            Use.SUBSCRIBER.bytes() + Use.CONDITION.bytes() + Use.REQUEST.bytes();
    private static final long RESERVE = Use.CATCH_UP.bytes();

    private final ClientMemory memory =
            new ClientMemory(8 * MEBIBYTE, new SharedHeap(8 * MEBIBYTE));

    private List<StreamRoom> takeAll(boolean hasCondition) {
        List<StreamRoom> rooms = new ArrayList<>();
        for (StreamRoom room = StreamRoom.take(memory);
                room != null;
                room = StreamRoom.take(memory)) {
            room.leaveRequest(hasCondition);
            rooms.add(room);
        }
        return rooms;
    }

    @Test
    void requestReservesAsMuchAsAnyMayNeed() {
        try (StreamRoom room = StreamRoom.take(memory)) {
            assertThat(room).isNotNull();
            assertThat(memory.used()).isEqualTo(OF_A_REQUEST);
        }
        assertThat(memory.used()).isZero();
    }

    @Test
    void streamThatGoesOnKeepsWhatItNeeds() {
        try (StreamRoom room = StreamRoom.take(memory)) {
            room.leaveRequest(true);
            assertThat(memory.used()).isEqualTo(Use.SUBSCRIBER.bytes() + Use.CONDITION.bytes());
            room.leaveRequest(false);
            assertThat(memory.used()).isEqualTo(Use.SUBSCRIBER.bytes());
        }
        assertThat(memory.used()).isZero();
    }

    @Test
    void whoHasNoRoomForARequestTakesNothing() {
        List<StreamRoom> rooms = takeAll(false);

        assertThat(memory.used()).isEqualTo(rooms.size() * Use.SUBSCRIBER.bytes());
        assertThat(8 * MEBIBYTE - RESERVE - memory.used()).isLessThan(OF_A_REQUEST);
        assertThat(rooms).hasSizeGreaterThan(100);

        rooms.forEach(StreamRoom::close);
        rooms.forEach(StreamRoom::close);
        assertThat(memory.used()).isZero();
    }
}
