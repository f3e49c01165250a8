package io.fustor.source.mysql.bench;

import java.time.Duration;

/// One reader's pass over some rows, and what it took.
///
/// @param cpu of the reader alone: the service's, without its client's
/// @param serverCpu of mysqld meanwhile
/// @param peakMemory that the service ever held, in bytes; 0 for other readers
/// @param load of the machine before the pass, over a minute
/// @param others what all other processes of the machine used meanwhile
record Figure(
        String reader,
        Reading reading,
        Duration cpu,
        Duration serverCpu,
        long peakMemory,
        double load,
        Duration others) {

    private static final double MEGABYTE = 1e6;

    static final String HEAD =
            """
            | reader | the service is | it takes | rows/s | MB/s of binlog | MB/s out | CPU s per million rows | of mysqld | peak RSS | load before | others |
            | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
            """;

    double rowsPerSecond() {
        return reading.rows() * 1e9 / reading.nanos();
    }

    String megabytesPerSecond(long bytes) {
        return bytes == 0 ? "" : "%.0f".formatted(bytes * 1e9 / reading.nanos() / MEGABYTE);
    }

    double perMillion(Duration used) {
        return used.toNanos() / 1e3 / reading.rows();
    }

    /// Of the binlog that holds the rows.
    ///
    /// @param service who read all of the rows
    /// @param bytes of the binlog that hold these; 0 where they are read from the table
    long binlogBytes(Figure service, long bytes) {
        return Math.round((double) bytes * reading.rows() / service.reading.rows());
    }

    /// Empty where the other used less than the system's clock shows.
    static String ratio(double service, double other, String what) {
        return other == 0 ? "" : "%.2f %s".formatted(service / other, what);
    }

    /// How busy other processes kept the machine, in processors.
    String busy() {
        return "%.2f".formatted((double) others.toNanos() / reading.nanos());
    }

    /// A line of the table.
    ///
    /// @param service this service's own figure in the same table
    /// @param speed of the service beside this one
    /// @param binlogBytes that hold the rows; 0 where they are read from the table
    String line(Figure service, Ratio speed, long binlogBytes) {
        return "| %s | %s | %s | %,.0f | %s | %s | %.2f | %.2f | %s | %.1f | %s |%n"
                .formatted(
                        reader,
                        speed.text("× as fast"),
                        ratio(service.perMillion(service.cpu), perMillion(cpu), "× the CPU"),
                        rowsPerSecond(),
                        megabytesPerSecond(binlogBytes(service, binlogBytes)),
                        megabytesPerSecond(reading.bytes()),
                        perMillion(cpu),
                        perMillion(serverCpu),
                        peakMemory == 0 ? "" : "%.0f MB".formatted(peakMemory / MEGABYTE),
                        load,
                        busy());
    }
}
