package dev.portcullis.bench.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** What a process and its children use, as the kernel counts it (proc(5)). */
public record ProcessGauge(long pid) {
    private static final long NANOS_PER_TICK = TimeUnit.SECONDS.toNanos(1) / 100; // USER_HZ

    /** User and system time so far, in nanoseconds; exact to 10 ms. */
    public long cpuNanos() {
        return tree().mapToLong(ProcessGauge::ticks).sum() * NANOS_PER_TICK;
    }

    /**
     * The same for the threads that run now, but for those that compile: what they do is done once,
     * whoever caused it.
     */
    public long workNanos() {
        return entries(Path.of("/proc", Long.toString(pid), "task")).stream()
                        .map(task -> read(task.resolve("stat")))
                        .filter(stat -> !stat.contains(" Compiler")) // Named "C2 CompilerThre"...
                        .mapToLong(ProcessGauge::ticksIn)
                        .sum()
                * NANOS_PER_TICK;
    }

    /** The same without children. */
    public long ownCpuNanos() {
        return ticks(pid) * NANOS_PER_TICK;
    }

    private static long ticks(long pid) {
        return ticksIn(read(Path.of("/proc", Long.toString(pid), "stat")));
    }

    private static long ticksIn(String stat) {
        if (stat.isEmpty()) {
            return 0; // It has ended meanwhile.
        }
        // After the name, which may hold anything but ends with the last bracket: state is field 3.
        var fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Long.parseLong(fields[14 - 3]) + Long.parseLong(fields[15 - 3]);
    }

    /** Memory, what is shared counted in parts (Pss), in KiB. */
    public long memoryKib() {
        return tree().mapToLong(ProcessGauge::pss).sum();
    }

    private static long pss(long pid) {
        return read(Path.of("/proc", Long.toString(pid), "smaps_rollup"))
                .lines()
                .filter(line -> line.startsWith("Pss:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
    }

    /** Memory of the process alone that is in use now (VmRSS, proc(5)), in KiB. */
    public long residentKib() {
        return status("VmRSS:");
    }

    /** The most of it since {@link #forgetPeak}, in KiB. */
    public long residentPeakKib() {
        return status("VmHWM:");
    }

    /** Lets the peak begin at what is in use now. */
    public void forgetPeak() throws IOException {
        Files.writeString(Path.of("/proc", Long.toString(pid), "clear_refs"), "5");
    }

    private long status(String field) {
        return read(Path.of("/proc", Long.toString(pid), "status"))
                .lines()
                .filter(line -> line.startsWith(field))
                .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
                .sum();
    }

    /** Open descriptors. */
    public int descriptors() {
        return tree().mapToInt(id -> entries(Path.of("/proc", Long.toString(id), "fd")).size())
                .sum();
    }

    private static List<Path> entries(Path folder) {
        try (var all = Files.list(folder)) {
            return all.toList();
        } catch (IOException ended) {
            return List.of();
        }
    }

    private Stream<Long> tree() {
        return Stream.concat(
                Stream.of(pid),
                ProcessHandle.of(pid).stream()
                        .flatMap(ProcessHandle::descendants)
                        .map(ProcessHandle::pid));
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (NoSuchFileException ended) {
            return "";
        } catch (IOException failure) {
            if (String.valueOf(failure.getMessage()).contains("No such process")) {
                return ""; // It ended between the opening and the reading.
            }
            throw new UncheckedIOException(failure);
        }
    }
}
