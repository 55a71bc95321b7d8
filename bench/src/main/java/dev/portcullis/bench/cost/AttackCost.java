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
 * bytes that it sent, what lives at the end and the peak before; CPU time beyond a millisecond for
 * an accepted handshake beside what the attacker spent, for each that got in; no row above ten; and
 * what the caps let through of each. What is below the allowance is negative.
 */
public final class AttackCost {
    private static final int CONNECTIONS = 500;

    /** Those must get as far as the attack begins: what turns away the rest is a limit. */
    private static final int ENOUGH = CONNECTIONS * 9 / 10;

    private static final int ALLOWED_KIB = 64;
    private static final double HANDSHAKE_MICROS = 1_000;
    private static final double RATIO_MAX = 10;
    private static final int HOLD_MILLIS = 2_000;
    private static final int WARM_MILLIS = 800;

    /** As many as the attacks that everybody may make come to at once. */
    private static final int WARM_CONNECTIONS = 20_000;

    private static final int SETTLE_WINDOWS_MAX = 40;
    private static final int SETTLE_WINDOW_MILLIS = 200;
    private static final long QUIET_NANOS = 10_000_000;

    private final Sidecar.Running sidecar;
    private final AttackerLoop loop;
    private final String cookie;
    private final ClientTls tls;
    private final ProcessGauge ours;
    private boolean held = true;

    private AttackCost(Rig rig, Sidecar.Running sidecar, AttackerLoop loop) throws Exception {
        this.sidecar = sidecar;
        this.loop = loop;
        this.cookie = SignIn.cookie(rig, sidecar.subject());
        this.tls = ClientTls.of(rig.certificates().server(), ClientTls.X25519, false);
        this.ours = sidecar.subject().gauge();
    }

    /** {@code HOME [ATTACK]}, all of them or those whose name has that in it. */
    public static void main(String[] arguments) throws Exception {
        ClientTls.updateKeysOften();
        var which = arguments.length > 1 ? arguments[1] : "";
        try (var rig = new Rig(Path.of(arguments[0]));
                var loop = new AttackerLoop()) {
            boolean held = stage(rig, loop, Raised.forAttacks(), which, false);
            held &= stage(rig, loop, Raised.forAttacksOfBalancers(), which, true);
            System.out.println(held ? "held" : "MISSED");
            System.exit(held ? 0 : 1);
        }
    }

    /**
     * Those on one sidecar.
     *
     * @param balancers whether those from an address that is trusted as a balancer's, or all others
     * @return whether no row is above what it may be
     */
    private static boolean stage(
            Rig rig, AttackerLoop loop, String limits, String which, boolean balancers)
            throws Exception {
        try (var sidecar = Sidecar.start(rig, "portcullis", limits)) {
            var cost = new AttackCost(rig, sidecar, loop);
            var attacks =
                    Attacks.all(cost.tls.hello(), cost.cookie).stream()
                            .filter(attack -> attack.name().contains(which))
                            .filter(one -> balancers == (one.layer() == Attack.Layer.BALANCER))
                            .toList();
            if (!attacks.isEmpty()) {
                cost.run(attacks);
            }
            return cost.held;
        }
    }

    private void run(List<Attack> attacks) throws Exception {
        warmUp(attacks);
        System.out.printf(
                "%,d connections each; beyond %d KiB, and 1 ms for an accepted handshake; at most × %.0f%n",
                CONNECTIONS, ALLOWED_KIB, RATIO_MAX);
        System.out.printf(
                "%-38s %8s %8s %9s %7s %9s %7s %8s %8s %8s %7s %6s %9s %9s%n",
                "attack, each connection",
                "sent B",
                "got B",
                "held KiB",
                "× sent",
                "peak KiB",
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
        new FlatOut(loop, sidecar, cookie, tls).run(attacks);
        System.out.println("left when all are gone: " + Inside.of(sidecar));
    }

    /** The first ones pay for what is compiled, and for memory that is kept for the next one. */
    private void warmUp(List<Attack> attacks) throws Exception {
        for (int begun = 0; begun < WARM_CONNECTIONS; begun += CONNECTIONS * attacks.size()) {
            for (var attack : attacks) {
                var attackers = attackers(attack);
                attackers.begin(CONNECTIONS);
                attackers.awaitReady(CONNECTIONS);
                Thread.sleep(WARM_MILLIS);
                attackers.end();
            }
        }
    }

    private Attackers attackers(Attack attack) throws Exception {
        return new Attackers(loop, sidecar.subject(), tls, cookie, attack);
    }

    private void measure(Attack attack) throws Exception {
        var attackers = attackers(attack);
        settle();
        var memory = Memory.of(sidecar);
        Thread.sleep(SETTLE_WINDOW_MILLIS);
        long resident = ours.residentKib();
        ours.forgetPeak();
        long cpu = ours.workNanos();
        long spent = loop.cpuNanos();
        attackers.begin(CONNECTIONS);
        attackers.awaitReady(CONNECTIONS);
        Thread.sleep(HOLD_MILLIS);
        settle(); // What they set going is theirs, however long it takes.
        double count = Math.max(1, attackers.began());
        double micros = (ours.workNanos() - cpu) / 1e3 / count;
        double theirMicros = (loop.cpuNanos() - spent) / 1e3 / count;
        double peak = (ours.residentPeakKib() - resident) / count;
        int open = attackers.open();
        var after = Memory.of(sidecar);
        double kib = (after.bytes() - memory.bytes()) / 1024.0 / count;
        double kernel = (after.queued() - memory.queued()) / 1024.0 / count;
        attackers.end();
        print(attack, attackers, open, kib, peak, kernel, micros, theirMicros);
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
            double peak,
            double kernel,
            double micros,
            double theirMicros) {
        double count = Math.max(1, attackers.began());
        double sent = attackers.sent() / count;
        double allowedMicros = HANDSHAKE_MICROS * attackers.handshakes() / count;
        double timesSent = timesSent(kib, sent);
        double peakTimesSent = timesSent(peak, sent);
        double timesSpent = (micros - allowedMicros) / theirMicros;
        boolean happened =
                attackers.began() >= ENOUGH
                        && (!attack.layer().isEncrypted() || attackers.handshakes() >= ENOUGH);
        boolean good =
                happened
                        && Math.max(timesSent, peakTimesSent) <= RATIO_MAX
                        && timesSpent <= RATIO_MAX;
        held &= good;
        System.out.printf(
                "%-38s %8.0f %8.0f %9.1f %7.2f %9.1f %7.2f %8.1f %8.0f %8.0f %7.2f %6d %9.1f %9.1f %s%n",
                attack.name(),
                sent,
                attackers.received() / count,
                kib,
                timesSent,
                peak,
                peakTimesSent,
                kernel,
                micros,
                theirMicros,
                timesSpent,
                open,
                attackers.answers() / count,
                attackers.limited() / count,
                good ? "" : happened ? "MISSED" : "MISSED: too few got so far");
    }

    private static double timesSent(double kib, double sent) {
        return (kib - ALLOWED_KIB) * 1024 / Math.max(1, sent);
    }
}
