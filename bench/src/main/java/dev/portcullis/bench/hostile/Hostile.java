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
    private static final int CONNECTIONS = 250;
    private static final int REQUESTS_PER_SECOND = 500;
    private static final int ECHOES_PER_SECOND = 400;

    /** The last answers of a phase come a little after it. */
    private static final double RATE_MIN = 0.98;

    private static final double P99_RATIO_MAX = 2;

    /** Whatever it is in the calm. */
    private static final double P99_MILLIS_MAX = 100;

    private static final int RECOVERY_SECONDS = 10;

    /** For the neighbours before to be gone. */
    private static final int SETTLE_MILLIS = 5_000;

    private final Rig rig;
    private final Sidecar.Running sidecar;
    private final ClientTls tls;
    private final String cookie;
    private final Mix mix;
    private final int seconds;
    private final ProcessGauge own = new ProcessGauge(ProcessHandle.current().pid());
    private boolean held = true;

    private Hostile(Rig rig, Sidecar.Running sidecar, Mix mix, int seconds) throws Exception {
        this.rig = rig;
        this.sidecar = sidecar;
        this.tls = ClientTls.of(rig.certificates().server(), ClientTls.X25519, false);
        this.cookie = SignIn.cookie(rig, sidecar.subject());
        this.mix = mix;
        this.seconds = seconds;
    }

    /** {@code HOME [slow] [SECONDS]}, of each phase. */
    public static void main(String[] arguments) throws Exception {
        boolean slow = arguments.length > 1 && arguments[1].equals("slow");
        var mix = slow ? Mix.SLOW : Mix.ALL;
        int at = slow ? 2 : 1;
        int seconds = arguments.length > at ? Integer.parseInt(arguments[at]) : mix.seconds();
        try (var rig = new Rig(Path.of(arguments[0]));
                var sidecar = Sidecar.start(rig, "portcullis", Raised.ofOneUser())) {
            var run = new Hostile(rig, sidecar, mix, seconds);
            run.run();
            System.out.println(run.held ? "held" : "MISSED");
            System.exit(run.held ? 0 : 1);
        }
    }

    private void run() throws Exception {
        var to = sidecar.subject();
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
                                CONNECTIONS,
                                GOOD,
                                new Pace.Fixed(REQUESTS_PER_SECOND))) {
            // What is compiled at run time must be so before anything counts, refusals included.
            phase("warming up", false, requests, sockets);
            phase("warming up, hostile", true, requests, sockets);
            settled();
            var calm = counted("calm, harmless neighbours", false, requests, sockets);
            var before = settled();
            var hostile = counted("hostile neighbours", true, requests, sockets);
            recovered(before);
            settled();
            var after = counted("calm again", false, requests, sockets);
            compare(calm, hostile, after);
        }
    }

    /** A collection of what was before is not in the middle of what comes. */
    private Inside settled() throws Exception {
        TimeUnit.MILLISECONDS.sleep(SETTLE_MILLIS);
        return Inside.of(sidecar);
    }

    /** What a phase came to. */
    private record Phase(Tally answers, Tally echoes, Crowd crowd) {
        double p99Millis() {
            return answers.micros(0.99) / 1e3;
        }
    }

    private Phase counted(String name, boolean hostile, HttpLoad requests, SocketLoad sockets)
            throws InterruptedException {
        var phase = phase(name, hostile, requests, sockets);
        var crowd = phase.crowd();
        verdict(
                "all %,d came and got as far as they were to: %s"
                        .formatted(mix.connections(), crowd.count()),
                crowd.count().isWhole());
        verdict(
                "%,d of them open at once (nine tenths of %,d, and no more than that)"
                        .formatted(crowd.most(), Crowd.AT_ONCE),
                crowd.most() <= Crowd.AT_ONCE && crowd.most() >= 0.9 * Crowd.AT_ONCE);
        verdict(
                "%,d good requests, %.0f a second (at least %.0f)"
                        .formatted(
                                phase.answers().count(),
                                phase.answers().perSecond(),
                                RATE_MIN * REQUESTS_PER_SECOND),
                phase.answers().count() == REQUESTS_PER_SECOND * seconds
                        && phase.answers().perSecond() >= RATE_MIN * REQUESTS_PER_SECOND);
        int live = sockets.live();
        verdict(
                "%,d sockets open (all %,d)".formatted(live, SOCKETS),
                live == SOCKETS && phase.echoes().count() == ECHOES_PER_SECOND * seconds);
        return phase;
    }

    private Phase phase(String name, boolean hostile, HttpLoad requests, SocketLoad sockets)
            throws InterruptedException {
        var gauge = sidecar.subject().gauge();
        var crowd = new Crowd(rig, sidecar.subject(), tls, mix, hostile, cookie, seconds);
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
                "%s: requests %s; echoes %s; core of the proxy %.0f %%, of all others %.0f %%%n",
                name,
                text(answers),
                text(echoes),
                (gauge.cpuNanos() - ours) / passed * 100,
                (own.ownCpuNanos() - theirs) / passed * 100);
        verdict("nothing good failed", answers.problem() == null && echoes.problem() == null);
        return new Phase(answers, echoes, crowd);
    }

    private static String text(Tally tally) {
        return "%,d good, p50 %.1f ms, p99 %.1f ms%s"
                .formatted(
                        tally.count(),
                        tally.micros(0.5) / 1e3,
                        tally.micros(0.99) / 1e3,
                        tally.problem() == null ? "" : ", FAILED: " + tally.problem());
    }

    /** The better of the calm phases counts: a collection in the other one excuses nothing. */
    private void compare(Phase before, Phase hostile, Phase after) {
        double calm = Math.min(before.p99Millis(), after.p99Millis());
        double ratio = hostile.p99Millis() / calm;
        verdict(
                "p99 %.2f × that of the better calm phase, %.1f ms (at most %.0f)"
                        .formatted(ratio, calm, P99_RATIO_MAX),
                ratio <= P99_RATIO_MAX);
        verdict(
                "p99 %.1f ms (at most %.0f, whatever it is in the calm)"
                        .formatted(hostile.p99Millis(), P99_MILLIS_MAX),
                hostile.p99Millis() <= P99_MILLIS_MAX);
        int harmless = Math.min(before.crowd().count().shaken(), after.crowd().count().shaken());
        int harmful = hostile.crowd().count().shaken();
        verdict(
                "%,d handshakes with harmless neighbours, at least the %,d with hostile ones"
                        .formatted(harmless, harmful),
                harmless >= harmful);
    }

    private void recovered(Inside before) throws Exception {
        System.out.println("before the hostile ones: " + before);
        long begun = System.nanoTime();
        while (true) {
            var now = Inside.of(sidecar);
            double passed = (System.nanoTime() - begun) / 1e9;
            boolean near = now.isNear(before);
            if (near || passed > RECOVERY_SECONDS) {
                System.out.printf("%.1f s after them: %s%n", passed, now);
                verdict(
                        "within a tenth of calm after %.1f s (at most %d)"
                                .formatted(passed, RECOVERY_SECONDS),
                        near && passed <= RECOVERY_SECONDS);
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
