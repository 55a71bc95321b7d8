package dev.portcullis.bench.cost;

import dev.portcullis.bench.rig.ClientTls;
import dev.portcullis.bench.rig.Inside;
import dev.portcullis.bench.rig.Memory;
import dev.portcullis.bench.rig.ProcessGauge;
import dev.portcullis.bench.rig.Raised;
import dev.portcullis.bench.rig.Rig;
import dev.portcullis.bench.rig.Sidecar;
import dev.portcullis.bench.rig.SignIn;
import java.nio.file.Path;
import java.util.List;

/**
 * What one connection of each attack costs us: memory beyond {@value #ALLOWED_KIB} KiB beside the
 * bytes that it sent, CPU time beyond a millisecond for an accepted handshake beside what the
 * attacker spent, no row above ten; and what the caps let through of each.
 */
public final class AttackCost {
    private static final int CONNECTIONS = 500;
    private static final int ALLOWED_KIB = 64;
    private static final double HANDSHAKE_MICROS = 1_000;
    private static final double RATIO_MAX = 10;
    private static final int HOLD_MILLIS = 2_000;
    private static final int WARM_MILLIS = 800;
    private static final int SETTLE_WINDOWS_MAX = 40;
    private static final int SETTLE_WINDOW_MILLIS = 200;
    private static final long QUIET_NANOS = 10_000_000;

    private final Rig rig;
    private final Sidecar.Running sidecar;
    private final String cookie;
    private final ClientTls tls;
    private final ProcessGauge ours;
    private final ProcessGauge theirs = new ProcessGauge(ProcessHandle.current().pid());
    private boolean held = true;

    private AttackCost(Rig rig, Sidecar.Running sidecar) throws Exception {
        this.rig = rig;
        this.sidecar = sidecar;
        this.cookie = SignIn.cookie(rig, sidecar.subject());
        this.tls = ClientTls.of(rig.certificates().server(), ClientTls.X25519, false);
        this.ours = sidecar.subject().gauge();
    }

    /** {@code HOME [ATTACK]}, all of them or those whose name has that in it. */
    public static void main(String[] arguments) throws Exception {
        var which = arguments.length > 1 ? arguments[1] : "";
        try (var rig = new Rig(Path.of(arguments[0]));
                var sidecar = Sidecar.start(rig, "portcullis", Raised.forAttacks())) {
            var run = new AttackCost(rig, sidecar);
            run.run(which);
            System.out.println(run.held ? "held" : "MISSED");
            System.exit(run.held ? 0 : 1);
        }
    }

    private void run(String which) throws Exception {
        var attacks =
                Attacks.all(tls.hello(), cookie).stream()
                        .filter(attack -> attack.name().contains(which))
                        .toList();
        warmUp(attacks);
        System.out.printf(
                "%,d connections each; beyond %d KiB, and 1 ms for an accepted handshake; at most × %.0f%n",
                CONNECTIONS, ALLOWED_KIB, RATIO_MAX);
        System.out.printf(
                "%-38s %8s %8s %9s %6s %8s %8s %8s %6s %6s %9s %9s%n",
                "attack, each connection",
                "sent B",
                "got B",
                "ours KiB",
                "× sent",
                "kernel",
                "our µs",
                "their µs",
                "× spent",
                "open",
                "answers",
                "limited");
        for (var attack : attacks) {
            measure(attack);
        }
        var flat = new FlatOut(rig, sidecar, cookie, tls);
        flat.run(attacks);
        System.out.println("left when all are gone: " + Inside.of(sidecar));
    }

    /** The first time pays for what is compiled, and for memory that is kept for the next one. */
    private void warmUp(List<Attack> attacks) throws Exception {
        for (var attack : attacks) {
            var attackers = attackers(attack);
            attackers.begin(CONNECTIONS);
            Thread.sleep(WARM_MILLIS);
            attackers.end();
        }
    }

    private Attackers attackers(Attack attack) throws Exception {
        boolean two = attack.layer() == Attack.Layer.HTTP2;
        return new Attackers(rig, sidecar.subject(), two ? tls.withHttp2() : tls, cookie, attack);
    }

    private void measure(Attack attack) throws Exception {
        var attackers = attackers(attack);
        settle();
        var memory = Memory.of(sidecar);
        Thread.sleep(SETTLE_WINDOW_MILLIS);
        long cpu = ours.workNanos();
        long spent = theirs.ownCpuNanos();
        attackers.begin(CONNECTIONS);
        Thread.sleep(HOLD_MILLIS);
        settle(); // What they set going is theirs, however long it takes.
        double micros = (ours.workNanos() - cpu) / 1e3 / CONNECTIONS;
        double theirMicros = (theirs.ownCpuNanos() - spent) / 1e3 / CONNECTIONS;
        int open = attackers.open();
        var after = Memory.of(sidecar);
        double kib = (after.bytes() - memory.bytes()) / 1024.0 / CONNECTIONS;
        double kernel = (after.queued() - memory.queued()) / 1024.0 / CONNECTIONS;
        attackers.end();
        print(attack, attackers, open, Math.max(0, kib), kernel, micros, theirMicros);
    }

    /** What is compiled or collected for the last attack is not the next one's. */
    private void settle() throws InterruptedException {
        for (int i = 0; i < SETTLE_WINDOWS_MAX; i++) {
            long before = ours.workNanos();
            Thread.sleep(SETTLE_WINDOW_MILLIS);
            if (ours.workNanos() - before <= QUIET_NANOS) {
                return;
            }
        }
    }

    private void print(
            Attack attack,
            Attackers attackers,
            int open,
            double kib,
            double kernel,
            double micros,
            double theirMicros) {
        double sent = attackers.sent() / (double) CONNECTIONS;
        double beyondBytes = Math.max(0, (kib - ALLOWED_KIB) * 1024);
        double allowedMicros = HANDSHAKE_MICROS * attackers.handshakes() / CONNECTIONS;
        double beyondMicros = Math.max(0, micros - allowedMicros);
        double timesSent = beyondBytes == 0 ? 0 : beyondBytes / Math.max(1, sent);
        double timesSpent = beyondMicros / theirMicros;
        boolean good = timesSent <= RATIO_MAX && timesSpent <= RATIO_MAX;
        held &= good;
        System.out.printf(
                "%-38s %8.0f %8.0f %9.1f %6.2f %8.1f %8.0f %8.0f %6.2f %6d %9.1f %9.1f %s%n",
                attack.name(),
                sent,
                attackers.received() / (double) CONNECTIONS,
                kib,
                timesSent,
                kernel,
                micros,
                theirMicros,
                timesSpent,
                open,
                attackers.answers() / (double) CONNECTIONS,
                attackers.limited() / (double) CONNECTIONS,
                good ? "" : "MISSED");
    }
}
