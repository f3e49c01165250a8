package io.fustor.source.mysql.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/// What processes have used so far, as the system counts it, to a hundredth of a second.
public final class ProcessUsage {

    private static final long TICKS_PER_SECOND = 100;

    private ProcessUsage() {}

    public static Duration cpu(long pid) {
        return ProcessHandle.of(pid)
                .flatMap(process -> process.info().totalCpuDuration())
                .orElse(Duration.ZERO);
    }

    /// Of all processes of the machine, and of the system; zero where the system does not say.
    static Duration machineCpu() {
        try {
            String[] words =
                    Files.readString(Path.of("/proc/stat"))
                            .lines()
                            .findFirst()
                            .orElse("")
                            .trim()
                            .split("\\s+", -1);
            // proc(5): user, nice and system, and after idle and iowait irq and softirq.
            long ticks = 0;
            for (int field : new int[] {1, 2, 3, 6, 7}) {
                ticks += Long.parseLong(words[field]);
            }
            return Duration.ofMillis(ticks * 1000 / TICKS_PER_SECOND);
        } catch (IOException | IndexOutOfBoundsException | NumberFormatException _) {
            return Duration.ZERO;
        }
    }

    public static Duration ownCpu() {
        return cpu(ProcessHandle.current().pid());
    }

    /// Of all programs that this process started and that have ended; zero where the system does
    /// not say.
    static Duration endedProgramsCpu() {
        try {
            String stat = Files.readString(Path.of("/proc/self/stat"));
            String[] words = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
            // proc(5) counts cutime and cstime as fields 16 and 17, the name before as field 2.
            long ticks = Long.parseLong(words[13]) + Long.parseLong(words[14]);
            return Duration.ofMillis(ticks * 1000 / TICKS_PER_SECOND);
        } catch (IOException _) {
            return Duration.ZERO;
        }
    }

    /// The most that a process held of the machine's memory, in bytes; 0 where the system does not
    /// say.
    static long peakMemory(long pid) {
        try {
            for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
                if (line.startsWith("VmHWM:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
            return 0;
        } catch (IOException _) {
            return 0;
        }
    }
}
