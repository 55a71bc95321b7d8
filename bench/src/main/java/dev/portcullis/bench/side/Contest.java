package dev.portcullis.bench.side;

import dev.portcullis.bench.rig.Load;
import dev.portcullis.bench.rig.Rig;
import dev.portcullis.bench.rig.Subject;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** One row, run: rounds alternate A B C A B C, so that what drifts drifts for all. */
final class Contest {
    /** A window that is no cheaper than the one before it by this share ends the warming up. */
    private static final double STEADY = 0.95;

    /** Compiled before it starts. */
    private static final Duration WARMING_OF_A_PEER = Duration.ofSeconds(4);

    /** Compiled while it runs; not all of it at the first ebb. */
    private static final Duration WARMING_OF_OURS = Duration.ofSeconds(40);

    private final Row row;
    private final List<Entry> entries = new ArrayList<>();

    private static final class Entry {
        private final Subject subject;
        private final String credentials;
        private final List<Measured> windows = new ArrayList<>();
        private @Nullable String problem;

        Entry(Subject subject, String credentials) {
            this.subject = subject;
            this.credentials = credentials;
        }

        double run(Rig rig, Row row, boolean counts) throws IOException, InterruptedException {
            if (problem != null) {
                return Double.NaN;
            }
            try (Load load = row.opener().open(rig, subject, credentials)) {
                var window = Measured.window(subject, load, row.window());
                problem = window.problem();
                if (counts) {
                    windows.add(window);
                }
                return window.micros();
            }
        }

        /** A compiler at run time is at work until windows stop getting cheaper. */
        void warm(Rig rig, Row row, Duration least) throws IOException, InterruptedException {
            long begun = System.nanoTime();
            double before = Double.MAX_VALUE;
            while (problem == null) {
                double now = run(rig, row, false);
                boolean warm = System.nanoTime() - begun >= least.toNanos();
                if (warm && now > before * STEADY) {
                    return;
                }
                before = now;
            }
        }

        double median(ToDoubleFunction<Measured> figure) {
            var sorted = windows.stream().mapToDouble(figure).sorted().toArray();
            return sorted.length == 0 ? Double.NaN : sorted[sorted.length / 2];
        }

        double least(ToDoubleFunction<Measured> figure) {
            return windows.stream().mapToDouble(figure).min().orElse(Double.NaN);
        }
    }

    Contest(Row row) {
        this.row = row;
    }

    /** The first one is what the others are compared with. */
    Contest with(Subject subject, String credentials) {
        entries.add(new Entry(subject, credentials));
        return this;
    }

    /** Runs all rounds. */
    Contest run(Rig rig, int rounds) throws IOException, InterruptedException {
        for (var entry : entries) {
            boolean ours = entry == entries.getLast();
            entry.warm(rig, row, ours ? WARMING_OF_OURS : WARMING_OF_A_PEER);
        }
        for (int round = 0; round < rounds; round++) {
            for (var entry : entries) {
                entry.run(rig, row, true);
            }
        }
        return this;
    }

    /** Lines for the table, one for each proxy. */
    List<String> lines() {
        var lines = new ArrayList<String>();
        for (var entry : entries) {
            lines.add(line(entry));
        }
        return lines;
    }

    private String line(Entry entry) {
        if (entry.problem != null) {
            return "%-34s %-16s VOID: %s"
                    .formatted(row.title(), entry.subject.name(), entry.problem);
        }
        return "%-34s %-16s %9.2f %9.2f %7s %7s %9.0f %9.0f  %s"
                .formatted(
                        row.title(),
                        entry.subject.name(),
                        entry.median(Measured::micros),
                        entry.least(Measured::micros),
                        ratio(entry, false),
                        ratio(entry, true),
                        entry.median(Measured::perSecond),
                        entry.median(Measured::p99),
                        verdict(entry));
    }

    private String ratio(Entry entry, boolean least) {
        var reference = entries.getFirst();
        double ratio =
                least
                        ? entry.least(Measured::micros) / reference.least(Measured::micros)
                        : entry.median(Measured::micros) / reference.median(Measured::micros);
        return "%.2f".formatted(ratio);
    }

    private String verdict(Entry entry) {
        boolean ours = entry == entries.getLast() && entries.size() > 1;
        if (!ours || row.goal() == 0) {
            return "";
        }
        var reference = entries.getFirst();
        double ratio = entry.median(Measured::micros) / reference.median(Measured::micros);
        double tail = entry.median(Measured::p99) / reference.median(Measured::p99);
        var goal = "goal %.2f %s".formatted(row.goal(), ratio <= row.goal() ? "held" : "MISSED");
        return row.goalP99() == 0
                ? goal
                : goal
                        + ", p99 ratio %.2f, goal %.2f %s"
                                .formatted(
                                        tail,
                                        row.goalP99(),
                                        tail <= row.goalP99() ? "held" : "MISSED");
    }
}
