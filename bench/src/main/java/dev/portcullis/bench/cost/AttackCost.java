package dev.portcullis.bench.cost;

import dev.portcullis.bench.rig.ClientTls;
import dev.portcullis.bench.rig.Inside;
import dev.portcullis.bench.rig.ProcessGauge;
import dev.portcullis.bench.rig.Raised;
import dev.portcullis.bench.rig.Rig;
import dev.portcullis.bench.rig.Sidecar;
import dev.portcullis.bench.rig.SignIn;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * What one connection of each attack costs us: memory beyond {@value #ALLOWED_KIB} KiB beside the
 * bytes that it sent, CPU time beyond a millisecond for an accepted handshake beside what the
 * attacker spent. No row above ten.
 */
public final class AttackCost {
    private static final int CONNECTIONS = 250;
    private static final int ALLOWED_KIB = 64;
    private static final double HANDSHAKE_MICROS = 1_000;
    private static final double RATIO_MAX = 10;
    private static final int HOLD_MILLIS = 2_500;
    private static final int SETTLE_WINDOWS_MAX = 20;
    private static final int SETTLE_WINDOW_MILLIS = 500;
    private static final long QUIET_NANOS = 20_000_000;

    private final Rig rig;

    /** The most that a connection of an attack made us grow by: what was grown once stays. */
    private final Map<Attack, Double> grownKib = new HashMap<>();

    private boolean held = true;

    private AttackCost(Rig rig) {
        this.rig = rig;
    }

    /** {@code HOME}. */
    public static void main(String[] arguments) throws Exception {
        try (var rig = new Rig(Path.of(arguments[0]))) {
            var run = new AttackCost(rig);
            run.run();
            System.out.println(run.held ? "held" : "MISSED");
            System.exit(run.held ? 0 : 1);
        }
    }

    private void run() throws Exception {
        System.out.printf(
                "%,d connections each; beyond %d KiB, and 1 ms for an accepted handshake; at most × %.0f%n",
                CONNECTIONS, ALLOWED_KIB, RATIO_MAX);
        System.out.printf(
                "%-38s %9s %9s %9s %7s %9s %9s %7s %9s%n",
                "attack, each connection",
                "sent B",
                "got B",
                "ours KiB",
                "× sent",
                "our µs",
                "their µs",
                "× spent",
                "answers/s");
        try (var sidecar = Sidecar.start(rig, "portcullis", Raised.nothing())) {
            var cookie = SignIn.cookie(rig, sidecar.subject());
            var attacks = Attack.all(cookie);
            for (var attack : attacks) { // Twice: the first time pays for what is compiled.
                measure(sidecar, attack, false);
            }
            for (var attack : attacks) {
                measure(sidecar, attack, true);
            }
            System.out.println("left when all are gone: " + Inside.of(sidecar));
        }
    }

    private void measure(Sidecar.Running sidecar, Attack attack, boolean print) throws Exception {
        var ours = sidecar.subject().gauge();
        var theirs = new ProcessGauge(ProcessHandle.current().pid());
        var tls = ClientTls.of(rig.certificates().server(), ClientTls.X25519, false);
        var attackers =
                new Attackers(
                        rig,
                        sidecar.subject(),
                        attack.layer() == Attack.Layer.HTTP2 ? tls.withHttp2() : tls,
                        attack);
        settle(ours);
        long memory = ours.memoryKib();
        long cpu = ours.cpuNanos();
        long spent = theirs.ownCpuNanos();
        long begun = System.nanoTime();
        attackers.begin(CONNECTIONS);
        Thread.sleep(HOLD_MILLIS);
        double seconds = (System.nanoTime() - begun) / 1e9;
        double kib = Math.max(0, (ours.memoryKib() - memory) / (double) CONNECTIONS);
        grownKib.merge(attack, kib, Math::max);
        double micros = (ours.cpuNanos() - cpu) / 1e3 / CONNECTIONS;
        double theirMicros = (theirs.ownCpuNanos() - spent) / 1e3 / CONNECTIONS;
        attackers.end();
        Thread.sleep(500);
        if (print) {
            print(
                    attack,
                    attackers,
                    grownKib.getOrDefault(attack, kib),
                    micros,
                    theirMicros,
                    seconds);
        }
    }

    /** What is compiled or collected for the last attack is not the next one's. */
    private static void settle(ProcessGauge ours) throws InterruptedException {
        for (int i = 0; i < SETTLE_WINDOWS_MAX; i++) {
            long before = ours.cpuNanos();
            Thread.sleep(SETTLE_WINDOW_MILLIS);
            if (ours.cpuNanos() - before <= QUIET_NANOS) {
                return;
            }
        }
    }

    private void print(
            Attack attack,
            Attackers attackers,
            double kib,
            double micros,
            double theirMicros,
            double seconds) {
        double sent = attackers.sent() / (double) CONNECTIONS;
        double beyondBytes = Math.max(0, (kib - ALLOWED_KIB) * 1024);
        double allowedMicros = HANDSHAKE_MICROS * attackers.handshakes() / CONNECTIONS;
        double beyondMicros = Math.max(0, micros - allowedMicros);
        double timesSent = beyondBytes == 0 ? 0 : beyondBytes / Math.max(1, sent);
        double timesSpent = beyondMicros / theirMicros;
        boolean good = timesSent <= RATIO_MAX && timesSpent <= RATIO_MAX;
        held &= good;
        System.out.printf(
                "%-38s %9.0f %9.0f %9.1f %7.2f %9.0f %9.0f %7.2f %9.0f %s%n",
                attack.name(),
                sent,
                attackers.received() / (double) CONNECTIONS,
                kib,
                timesSent,
                micros,
                theirMicros,
                timesSpent,
                attackers.answers() / seconds,
                good ? "" : "MISSED");
    }
}
