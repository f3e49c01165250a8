package io.fustor.source.mysql.bench;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Supplier;

/// Lets one reader after the other read the same rows, the service first, and puts their figures
/// into one table. A reader that does not read every row fails.
final class SideBySide {

    private final BenchmarkStage stage;
    private final long rows;
    private final int rounds;
    private final List<Figure> figures = new ArrayList<>();

    /// @param rows how many row images there are to read
    /// @param rounds how often each reader reads them; the middle one counts of those after the
    ///   first
    SideBySide(BenchmarkStage stage, long rows, int rounds) {
        this.stage = stage;
        this.rows = rows;
        this.rounds = rounds;
    }

    /// The service, read by a client of this process.
    void service(String name, Reading.Reader reader) throws Exception {
        long pid = stage.service().pid();
        Figure figure = measure(name, () -> ProcessUsage.cpu(pid), reader);
        figures.add(
                new Figure(
                        figure.reader(),
                        figure.reading(),
                        figure.cpu(),
                        figure.serverCpu(),
                        ProcessUsage.peakMemory(pid),
                        figure.load()));
    }

    /// A reader within this process.
    void own(String name, Reading.Reader reader) throws Exception {
        figures.add(measure(name, ProcessUsage::ownCpu, reader));
    }

    /// A program that has ended when the reader returns.
    void program(String name, Reading.Reader reader) throws Exception {
        figures.add(measure(name, ProcessUsage::endedProgramsCpu, reader));
    }

    /// A reader within this process that takes too long to read all of it, and times itself.
    ///
    /// @param enough how many row images it reads
    void warm(String name, long enough, WarmReading.Reader reader) throws Exception {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        WarmReading reading = reader.read(enough);
        requireAll(name, reading.rows(), enough);
        figures.add(
                new Figure(
                        "%s (%,d rows)".formatted(name, reading.timed().rows()),
                        reading.timed(),
                        reading.cpu(),
                        reading.serverCpu(),
                        0,
                        load));
    }

    private Figure measure(String name, Supplier<Duration> cpu, Reading.Reader reader)
            throws Exception {
        List<Figure> timed = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            Figure figure = time(name, cpu, reader);
            if (round > 0 || rounds == 1) {
                timed.add(figure);
            }
        }
        timed.sort(Comparator.comparingLong(figure -> figure.reading().nanos()));
        return timed.get(timed.size() / 2);
    }

    private Figure time(String name, Supplier<Duration> cpu, Reading.Reader reader)
            throws Exception {
        double load = ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
        Duration serverBefore = ProcessUsage.cpu(stage.mysql().pid());
        Duration before = cpu.get();
        Reading reading = reader.read();
        Duration used = cpu.get().minus(before);
        Duration server = ProcessUsage.cpu(stage.mysql().pid()).minus(serverBefore);
        requireAll(name, reading.rows(), rows);
        return new Figure(name, reading, used, server, 0, load);
    }

    private static void requireAll(String name, long read, long expected) {
        if (read != expected) {
            throw new AssertionError("%s read %d rows of %d".formatted(name, read, expected));
        }
    }

    List<Figure> figures() {
        return List.copyOf(figures);
    }

    /// @param binlogBytes that hold the rows; 0 where they are read from the table
    String table(String title, long binlogBytes) {
        StringBuilder table = new StringBuilder("### " + title + "\n\n" + Figure.HEAD);
        figures.forEach(figure -> table.append(figure.line(figures.getFirst(), binlogBytes)));
        return table.toString();
    }
}
