package io.fustor.source.mysql.web;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HeapConnectionsTests {

    private static final long MEBIBYTE = 1024 * 1024;

    @ParameterizedTest
    @CsvSource({"128, 2560, 682", "256, 5120, 1365", "1024, 20480, 5461"})
    void buffersAndHeapBoundTheConnections(long heap, int all, int requests) {
        HeapConnections memory = new HeapConnections(heap * MEBIBYTE, heap * MEBIBYTE);

        assertThat(memory.all(100_000)).isEqualTo(all);
        assertThat(memory.requests(100_000)).isEqualTo(requests);
    }

    @Test
    void wantedOnesThatHaveRoomAreNotFewer() {
        HeapConnections memory = new HeapConnections(256 * MEBIBYTE, 64 * MEBIBYTE);

        assertThat(memory.all(1280)).isEqualTo(1280);
        assertThat(memory.all(1281)).isEqualTo(1280);
        assertThat(memory.requests(1365)).isEqualTo(1365);
    }
}
