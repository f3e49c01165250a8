package io.fustor.source.mysql.web;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The number of client connections that the heap has room for beside those of streams, regardless
/// of what they do. A connection that sends half a request and waits also uses buffers, and nothing
/// else counts it.
///
/// @param heap maximum of the process, in bytes
record HeapConnections(long heap) {

    private static final Logger LOG = LoggerFactory.getLogger(HeapConnections.class);

    /// The memory of a connection after the first byte of a request, in bytes; `docs/limits.md`
    /// describes the measurement.
    private static final long OF_A_CONNECTION = 48L * 1024;

    /// The connections use at most this fraction of the heap: a quarter.
    private static final int PART = 4;

    static HeapConnections ofProcess() {
        return new HeapConnections(Runtime.getRuntime().maxMemory());
    }

    /// The number of connections without a stream, up to the wanted number, that the heap has room
    /// for.
    int requests(int wanted) {
        long most = heap / PART / OF_A_CONNECTION;
        if (wanted <= most) {
            return wanted;
        }
        LOG.info(
                "heap={} MiB has room for {} connections of clients without a stream, of {}; a"
                        + " larger -Xmx has room for more",
                heap >> 20,
                most,
                wanted);
        return (int) most;
    }
}
