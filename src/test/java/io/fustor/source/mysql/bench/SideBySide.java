package io.fustor.source.mysql.bench;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/// Lets several readers read the same rows, one after the other and again in the same order, so
/// that what else the machine does meets all alike. The service is the first of them. A reader that
/// does not read every row fails.
///
/// A reader's figure is its middle round. Ratios are of two readers in the same round.
final class SideBySide {

    private final BenchmarkStage stage;
    private final long rows;
    private final int rounds;
    private final List<Contender> contenders = new ArrayList<>();
    private final List<Late> late = new ArrayList<>();
    private final List<Figure> lateFigures = new ArrayList<>();

    /// @param passes one a round
    private record Contender(
            String name,
            Supplier<Duration> cpu,
            LongSupplier memory,
            Reading.Reader reader,
            List<Figure> passes) {

        /// Those that count: all but the first, which finds everything cold, where there are more.
        private List<Figure> warm() {
            return passes.subList(passes.size() > 1 ? 1 : 0, passes.size());
        }

        private Figure middle() {
            List<Figure> sorted =
                    warm().stream()
                            .sorted(Comparator.comparingLong(figure -> figure.reading().nanos()))
                            .toList();
            return sorted.get(sorted.size() / 2);
        }
    }

    private record Late(String name, long enough, WarmReading.Reader reader) {}

    /// @param rows how many row images there are to read
    /// @param rounds how often each reader reads them
    SideBySide(BenchmarkStage stage, long rows, int rounds) {
        this.stage = stage;
        this.rows = rows;
        this.rounds = rounds;
    }

    /// The service, read by a client of this process.
    void service(String name, Reading.Reader reader) {
        long pid = stage.service().pid();
        add(name, () -> ProcessUsage.cpu(pid), () -> ProcessUsage.peakMemory(pid), reader);
    }

    /// A reader within this process.
    void own(String name, Reading.Reader reader) {
        add(name, ProcessUsage::ownCpu, () -> 0, reader);
    }

    /// A program that has ended when the reader returns.
    void program(String name, Reading.Reader reader) {
        add(name, ProcessUsage::endedProgramsCpu, () -> 0, reader);
    }

    private void add(
            String name, Supplier<Duration> cpu, LongSupplier memory, Reading.Reader reader) {
        contenders.add(new Contender(name, cpu, memory, reader, new ArrayList<>()));
    }

    /// A reader within this process that takes too long to read all of it, and times itself. It
    /// reads once, after all rounds of the others.
    ///
    /// @param enough how many row images it reads
    void warm(String name, long enough, WarmReading.Reader reader) {
        late.add(new Late(name, enough, reader));
    }

    /// Lets all of them read.
    SideBySide run() throws Exception {
        for (int round = 0; round < rounds; round++) {
            for (Contender contender : contenders) {
                contender.passes.add(time(contender));
            }
        }
        for (Late one : late) {
            lateFigures.add(time(one));
        }
        return this;
    }

    private Figure time(Contender contender) throws Exception {
        double load = load();
        Duration othersBefore = others();
        Duration serverBefore = ProcessUsage.cpu(stage.mysql().pid());
        Duration before = contender.cpu.get();
        Reading reading = contender.reader.read();
        Duration used = contender.cpu.get().minus(before);
        Duration server = ProcessUsage.cpu(stage.mysql().pid()).minus(serverBefore);
        requireAll(contender.name, reading.rows(), rows);
        return new Figure(
                contender.name,
                reading,
                used,
                server,
                contender.memory.getAsLong(),
                load,
                others().minus(othersBefore));
    }

    private static Figure time(Late one) throws Exception {
        double load = load();
        WarmReading reading = one.reader.read(one.enough);
        requireAll(one.name, reading.rows(), one.enough);
        return new Figure(
                "%s (%,d rows)".formatted(one.name, reading.timed().rows()),
                reading.timed(),
                reading.cpu(),
                reading.serverCpu(),
                0,
                load,
                Duration.ZERO);
    }

    /// What processes have used that have nothing to do with the benchmark.
    private Duration others() {
        return ProcessUsage.machineCpu()
                .minus(ProcessUsage.ownCpu())
                .minus(ProcessUsage.endedProgramsCpu())
                .minus(ProcessUsage.cpu(stage.mysql().pid()))
                .minus(ProcessUsage.cpu(stage.service().pid()));
    }

    private static double load() {
        return ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage();
    }

    private static void requireAll(String name, long read, long expected) {
        if (read != expected) {
            throw new AssertionError("%s read %d rows of %d".formatted(name, read, expected));
        }
    }

    /// One of each reader, in the order in which they were added.
    List<Figure> figures() {
        List<Figure> figures = new ArrayList<>();
        contenders.forEach(contender -> figures.add(contender.middle()));
        figures.addAll(lateFigures);
        return figures;
    }

    /// How the first reader compares with another one, by the rounds that both have.
    ///
    /// @param number of the other one, by the order of [#figures]
    Ratio speed(int number) {
        Contender first = contenders.getFirst();
        if (number >= contenders.size()) {
            Figure other = figures().get(number);
            return Ratio.of(List.of(first.middle().rowsPerSecond() / other.rowsPerSecond()));
        }
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < first.warm().size(); i++) {
            ratios.add(
                    first.warm().get(i).rowsPerSecond()
                            / contenders.get(number).warm().get(i).rowsPerSecond());
        }
        return Ratio.of(ratios);
    }

    /// How fast the first reader was in its first round, beside its middle one; 0 where there was
    /// one round only.
    double cold() {
        Contender first = contenders.getFirst();
        return first.passes.size() == 1
                ? 0
                : first.passes.getFirst().rowsPerSecond() / first.middle().rowsPerSecond();
    }

    /// @param binlogBytes that hold the rows; 0 where they are read from the table
    String table(String title, long binlogBytes) {
        List<Figure> figures = figures();
        StringBuilder table = new StringBuilder("### " + title + "\n\n" + Figure.HEAD);
        for (int i = 0; i < figures.size(); i++) {
            table.append(figures.get(i).line(figures.getFirst(), speed(i), binlogBytes));
        }
        if (cold() > 0) {
            table.append("%nThe first round, cold: %.2f of the middle one.%n".formatted(cold()));
        }
        return table.toString();
    }
}
