package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.fustor.source.mysql.memory.ClientMemory.Use;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeapConnectionsTests {

    private static final long MEBIBYTE = 1024 * 1024;

    @ParameterizedTest
    @CsvSource({"128, 2560, 1396, 682", "256, 5120, 2792, 1365", "1024, 20480, 11170, 5461"})
    void buffersAndHeapBoundTheConnections(long heap, int all, int overTls, int requests) {
        HeapConnections memory = new HeapConnections(heap * MEBIBYTE, heap * MEBIBYTE);

        assertThat(memory.all(100_000, false)).isEqualTo(all);
        assertThat(memory.all(100_000, true)).isEqualTo(overTls);
        assertThat(memory.requests(100_000)).isEqualTo(requests);
    }

    @Test
    void wantedOnesThatHaveRoomAreNotFewer() {
        HeapConnections memory = new HeapConnections(256 * MEBIBYTE, 64 * MEBIBYTE);

        assertThat(memory.all(1280, false)).isEqualTo(1280);
        assertThat(memory.all(1281, false)).isEqualTo(1280);
        assertThat(memory.requests(1365)).isEqualTo(1365);
    }

    /// Over TLS of the port, a stream reserves what a request does.
    @Test
    void heapHasRoomForFewerStreamsOverTlsThanTheBuffersHave() {
        long heap = 1024 * MEBIBYTE;
        long streams =
                heap / (Use.SUBSCRIBER.bytes() + Use.CONDITION.bytes() + Use.REQUEST.bytes());

        assertThat(new HeapConnections(heap, heap).all(100_000, true)).isGreaterThan((int) streams);
    }
}
