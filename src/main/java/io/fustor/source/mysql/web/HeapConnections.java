package io.fustor.source.mysql.web;

import com.sun.management.HotSpotDiagnosticMXBean;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The number of client connections that the memory has room for, regardless of what they do. A
/// connection that sends half a request and waits also uses buffers, and nothing else counts it.
///
/// @param heap maximum of the process, in bytes
/// @param direct maximum of the buffers outside of the heap, in bytes
record HeapConnections(long heap, long direct) {

    private static final Logger LOG = LoggerFactory.getLogger(HeapConnections.class);

    /// The memory of a connection after the first byte of a request, in bytes; `docs/limits.md`
    /// describes the measurement.
    private static final long OF_A_CONNECTION = 48L * 1024;

    /// The connections use at most this fraction of the heap: a quarter.
    private static final int PART = 4;

    /// The buffers of a socket, outside of the heap, in bytes: 16 KiB to read and 32 KiB to write.
    /// Over TLS they are 4 KiB larger, and the heap has room for less than half as many.
    private static final long BUFFERS = 48L * 1024;

    /// A sixteenth remains for what else is outside of the heap.
    private static final int OTHERS = 16;

    private static final String DIRECT = "MaxDirectMemorySize";

    static HeapConnections ofProcess() {
        long heap = Runtime.getRuntime().maxMemory();
        return new HeapConnections(heap, direct(heap));
    }

    /// The JVM's limit, which is that of the heap unless an option says otherwise.
    private static long direct(long heap) {
        HotSpotDiagnosticMXBean options =
                ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        long set = options == null ? 0 : Long.parseLong(options.getVMOption(DIRECT).getValue());
        return set > 0 ? set : heap;
    }

    /// The number of connections, with and without a stream, up to the wanted number, whose buffers
    /// have room. Without room for those of a new connection, Tomcat would stop accepting any.
    int all(int wanted) {
        long most = (direct - direct / OTHERS) / BUFFERS;
        if (wanted <= most) {
            return wanted;
        }
        LOG.info(
                "direct={} MiB has room for the buffers of {} connections of clients, of {}; a larger"
                        + " -Xmx or -XX:{} has room for more",
                direct >> 20,
                most,
                wanted,
                DIRECT);
        return (int) most;
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
