package io.fustor.source.mysql.bench;

import java.time.Duration;

/// A pass over some rows whose first half is not timed.
///
/// @param rows row images that were read in all
/// @param timed what the second half came to
/// @param cpu of the reader's process in the second half
/// @param serverCpu of mysqld meanwhile
record WarmReading(long rows, Reading timed, Duration cpu, Duration serverCpu) {

    /// Something that reads so many row images once.
    interface Reader {
        WarmReading read(long enough) throws Exception;
    }
}
