package io.fustor.source.mysql.binlog;

import java.io.IOException;

/// Where the rest of an event comes from whose beginning is here.
interface ByteSource {

    /// Reads what comes next. Blocks for about a second.
    ///
    /// @return how many bytes, 0 where none came in time, -1 where there are no more
    int read(byte[] into, int offset, int most) throws IOException;
}
