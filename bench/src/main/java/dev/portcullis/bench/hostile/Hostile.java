package dev.portcullis.bench.hostile;

import dev.portcullis.bench.rig.ClientTls;
import dev.portcullis.bench.rig.Frames;
import dev.portcullis.bench.rig.HttpLoad;
import dev.portcullis.bench.rig.Inside;
import dev.portcullis.bench.rig.ProcessGauge;
import dev.portcullis.bench.rig.Raised;
import dev.portcullis.bench.rig.Rig;
import dev.portcullis.bench.rig.Sidecar;
import dev.portcullis.bench.rig.SignIn;
import dev.portcullis.bench.rig.SocketLoad;
import dev.portcullis.bench.rig.SocketLoad.Pace;
import dev.portcullis.bench.rig.Subject;
import dev.portcullis.bench.rig.Tally;
import dev.portcullis.bench.rig.Wire;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Two thousand live sockets and five hundred requests a second from 127.0.1.0/24, first beside
 * harmless neighbours, then beside hostile ones. No good request may fail, none may wait more than
 * twice as long at the 99th percentile, and ten seconds later nothing of it may be left.
 */
public final class Hostile {
    private static final String GOOD = "127.0.1.";
    private static final int SOCKETS = 2_000;
    private static final int REQUESTS_PER_SECOND = 500;
    private static final int ECHOES_PER_SECOND = 400;
    private static final int SECONDS = 30;
    private static final int RECOVERY_SECONDS = 10;

    /** For the neighbours before to be gone. */
    private static final int SETTLE_MILLIS = 5_000;

    private final Rig rig;
    private final int seconds;
    private final ProcessGauge own = new ProcessGauge(ProcessHandle.current().pid());
    private boolean held = true;

    private Hostile(Rig rig, int seconds) {
        this.rig = rig;
        this.seconds = seconds;
    }

    /** {@code HOME [SECONDS]}, of each phase. */
    public static void main(String[] arguments) throws Exception {
        int seconds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : SECONDS;
        try (var rig = new Rig(Path.of(arguments[0]))) {
            var run = new Hostile(rig, seconds);
            run.run();
            System.out.println(run.held ? "held" : "MISSED");
            System.exit(run.held ? 0 : 1);
        }
    }

    private void run() throws Exception {
        var tls = ClientTls.of(rig.certificates().server(), ClientTls.X25519, false);
        try (var sidecar = Sidecar.start(rig, "portcullis", Raised.ofOneUser())) {
            var to = sidecar.subject();
            var gauge = to.gauge();
            var cookie = SignIn.cookie(rig, to);
            try (var sockets =
                            new SocketLoad(
                                    rig,
                                    to,
                                    tls,
                                    cookie,
                                    Frames.of(16, 128),
                                    SOCKETS,
                                    GOOD,
                                    new Pace.Fixed(ECHOES_PER_SECOND));
                    var requests =
                            new HttpLoad(
                                    rig,
                                    to,
                                    tls,
                                    Wire.SMALL,
                                    cookie,
                                    250,
                                    GOOD,
                                    new Pace.Fixed(REQUESTS_PER_SECOND))) {
                // What is compiled at run time must be so before anything counts, refusals
                // included.
                phase("warming up", requests, sockets, gauge, crowd(to, tls, false, cookie));
                phase(
                        "warming up, hostile",
                        requests,
                        sockets,
                        gauge,
                        crowd(to, tls, true, cookie));
                double calm =
                        phase(
                                "calm, harmless neighbours",
                                requests,
                                sockets,
                                gauge,
                                crowd(to, tls, false, cookie));
                Thread.sleep(SETTLE_MILLIS);
                var before = Inside.of(sidecar);
                double hostile =
                        phase(
                                "hostile neighbours",
                                requests,
                                sockets,
                                gauge,
                                crowd(to, tls, true, cookie));
                verdict(
                        "p99 %.2f × calm (at most 2)".formatted(hostile / calm),
                        hostile <= 2 * calm);
                recovered(sidecar, before);
                phase("calm again", requests, sockets, gauge, crowd(to, tls, false, cookie));
            }
        }
    }

    private Crowd crowd(Subject to, ClientTls tls, boolean hostile, String cookie) {
        return new Crowd(rig, to, tls, hostile, cookie, seconds);
    }

    /** The 99th percentile of the good requests, in microseconds. */
    private double phase(
            String name, HttpLoad requests, SocketLoad sockets, ProcessGauge gauge, Crowd crowd)
            throws InterruptedException {
        System.gc(); // Ours, so that it is not in the middle of it.
        long ours = gauge.cpuNanos();
        long theirs = own.ownCpuNanos();
        long begun = System.nanoTime();
        var answers = requests.begin(REQUESTS_PER_SECOND * seconds);
        var echoes = sockets.begin(ECHOES_PER_SECOND * seconds);
        crowd.begin();
        answers.await(4L * seconds);
        echoes.await(4L * seconds);
        double passed = System.nanoTime() - begun;
        crowd.end();
        System.out.printf(
                "%-28s %s; requests %s; echoes %s; core of the proxy %.0f %%, of all others %.0f"
                        + " %%%n",
                name,
                crowd,
                text(answers),
                text(echoes),
                (gauge.cpuNanos() - ours) / passed * 100,
                (own.ownCpuNanos() - theirs) / passed * 100);
        verdict(
                name + ": nothing good failed",
                answers.problem() == null && echoes.problem() == null);
        return answers.micros(0.99);
    }

    private static String text(Tally tally) {
        return "%,d good, p50 %.1f ms, p99 %.1f ms%s"
                .formatted(
                        tally.count(),
                        tally.micros(0.5) / 1e3,
                        tally.micros(0.99) / 1e3,
                        tally.problem() == null ? "" : ", FAILED: " + tally.problem());
    }

    private void recovered(Sidecar.Running sidecar, Inside before) throws Exception {
        System.out.println("before the hostile ones:     " + before);
        long begun = System.nanoTime();
        while (true) {
            var now = Inside.of(sidecar);
            double seconds = (System.nanoTime() - begun) / 1e9;
            boolean near = now.isNear(before);
            if (near || seconds > RECOVERY_SECONDS) {
                System.out.printf("%.1f s after them:            %s%n", seconds, now);
                verdict(
                        "within a tenth of calm after %.1f s (at most 10)".formatted(seconds),
                        near);
                return;
            }
            TimeUnit.MILLISECONDS.sleep(500);
        }
    }

    private void verdict(String claim, boolean good) {
        System.out.println("  " + (good ? "held:   " : "MISSED: ") + claim);
        held &= good;
    }
}
