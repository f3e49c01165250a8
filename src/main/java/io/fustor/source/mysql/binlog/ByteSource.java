package io.fustor.source.mysql.binlog;

import java.io.IOException;

/// The source of an event's remaining bytes, after its beginning.
interface ByteSource {

    /// Reads the next bytes. Blocks for about a second.
    ///
    /// @return how many bytes, 0 if none arrived in time, -1 at the end
    int read(byte[] into, int offset, int most) throws IOException;
}
