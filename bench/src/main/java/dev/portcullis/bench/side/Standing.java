package dev.portcullis.bench.side;

import dev.portcullis.bench.rig.ClientTls;
import dev.portcullis.bench.rig.Frames;
import dev.portcullis.bench.rig.Rig;
import dev.portcullis.bench.rig.SocketLoad;
import dev.portcullis.bench.rig.SocketLoad.Pace;
import dev.portcullis.bench.rig.Subject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a proxy holds while nothing happens.
 *
 * @param restKib at rest, after its first request
 * @param someKib with the first sockets open: what all further ones use alike, such as code that
 *     the compiler made for them, is there
 * @param fullKib with all sockets open
 * @param idleShare of a core, with all sockets open
 * @param problem a socket that was lost, or null
 */
record Standing(
        Subject subject,
        long restKib,
        long someKib,
        long fullKib,
        double idleShare,
        @Nullable String problem) {
    private static final int SOCKETS = 5000;
    private static final int FIRST = 1000;
    private static final int IDLE_SECONDS = 15;

    /** A compiler that has work left, and memory that is on its way back, are not rest. */
    private static final int REST_MILLIS = 30_000;

    private static final int QUIET_MILLIS = 60_000;

    /** Opens the sockets, waits, and asks each of them once more. */
    static Standing of(Rig rig, Subject subject, String credentials)
            throws IOException, InterruptedException {
        var gauge = subject.gauge();
        Thread.sleep(REST_MILLIS);
        long rest = gauge.memoryKib();
        var tls = ClientTls.of(rig.certificates().server(), ClientTls.X25519, false);
        var frames = Frames.of(8, 128);
        var once = new Pace.Closed(1);
        try (var first = new SocketLoad(rig, subject, tls, credentials, frames, FIRST, once)) {
            var problem = first.run(FIRST).problem();
            Thread.sleep(REST_MILLIS);
            long some = gauge.memoryKib();
            int more = SOCKETS - FIRST;
            try (var others = new SocketLoad(rig, subject, tls, credentials, frames, more, once)) {
                problem = either(problem, others.run(more).problem());
                Thread.sleep(QUIET_MILLIS);
                long cpu = gauge.cpuNanos();
                Thread.sleep(IDLE_SECONDS * 1000L);
                double share = (gauge.cpuNanos() - cpu) / 1e9 / IDLE_SECONDS;
                long full = gauge.memoryKib();
                problem = either(problem, first.run(FIRST).problem());
                problem = either(problem, others.run(more).problem());
                return new Standing(subject, rest, some, full, share, problem);
            }
        }
    }

    private static @Nullable String either(@Nullable String one, @Nullable String other) {
        return one == null ? other : one;
    }

    private double each() {
        return (fullKib - restKib) / (double) SOCKETS;
    }

    /** What one more takes, when all that they use alike is there. */
    private double eachFurther() {
        return (fullKib - someKib) / (double) (SOCKETS - FIRST);
    }

    static List<String> lines(List<Standing> all) {
        var lines = new ArrayList<String>();
        lines.add(
                "%n%-34s %-16s %9s %9s %9s %9s %7s %8s"
                        .formatted(
                                "standing still",
                                "proxy",
                                "rest MB",
                                "KiB each",
                                "further",
                                "MB in all",
                                "ratio",
                                "idle CPU"));
        for (var one : all) {
            lines.add(
                    "%-34s %-16s %9.1f %9.1f %9.1f %9.1f %7.2f %7.2f%%  %s"
                            .formatted(
                                    "5,000 idle WebSockets",
                                    one.subject().name(),
                                    one.restKib() / 1024.0,
                                    one.each(),
                                    one.eachFurther(),
                                    one.fullKib() / 1024.0,
                                    one.fullKib() / (double) all.getFirst().fullKib(),
                                    100 * one.idleShare(),
                                    one.problem() == null ? "" : "VOID: " + one.problem()));
        }
        return lines;
    }
}
