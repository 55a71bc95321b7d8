package dev.portcullis.bench.cost;

import dev.portcullis.bench.rig.ClientTls;
import dev.portcullis.bench.rig.Memory;
import dev.portcullis.bench.rig.Sidecar;
import java.util.List;
import java.util.Set;

/**
 * What the caps let through of an attack that one address makes as fast as it can: it opens more
 * connections than an address may have, and whoever is cut comes again at once.
 */
final class FlatOut {
    private static final int CONNECTIONS = 1_200;
    private static final double SECONDS = 2;

    private static final Set<String> SHOWN =
            Set.of(
                    "silent connection",
                    "ClientHello, then silence",
                    "handshake and close",
                    "slow head",
                    "flood: GET, signed out",
                    "flood: GET, made-up token",
                    "flood: sign-ins begun",
                    "HTTP/2: 100 open streams",
                    "HTTP/2: rapid reset",
                    "HTTP/2: PING flood",
                    "WebSocket: PING flood");

    private final AttackerLoop loop;
    private final Sidecar.Running sidecar;
    private final String cookie;
    private final ClientTls tls;

    FlatOut(AttackerLoop loop, Sidecar.Running sidecar, String cookie, ClientTls tls) {
        this.loop = loop;
        this.sidecar = sidecar;
        this.cookie = cookie;
        this.tls = tls;
    }

    void run(List<Attack> attacks) throws Exception {
        System.out.printf(
                "%nflat out from one address for %.0f s, %,d at once, whoever is cut comes again%n",
                SECONDS, CONNECTIONS);
        System.out.printf(
                "%-38s %10s %12s %10s %10s %9s %8s %9s%n",
                "let through",
                "connects/s",
                "handshakes/s",
                "answers/s",
                "limited/s",
                "sent MB/s",
                "core %",
                "held MB");
        for (var attack : attacks) {
            if (SHOWN.contains(attack.name())) {
                measure(attack);
            }
        }
    }

    private void measure(Attack attack) throws Exception {
        var attackers = new Attackers(loop, sidecar.subject(), tls, cookie, attack);
        var gauge = sidecar.subject().gauge();
        long memory = Memory.of(sidecar).bytes();
        long cpu = gauge.workNanos();
        long begun = System.nanoTime();
        attackers.beginFromOne(CONNECTIONS);
        Thread.sleep((long) (SECONDS * 1_000));
        double nanos = System.nanoTime() - begun;
        double seconds = nanos / 1e9;
        double core = (gauge.workNanos() - cpu) / nanos * 100;
        var rates = // Now: they go on coming while memory is looked at.
                "%10.0f %12.0f %10.0f %10.0f %9.2f"
                        .formatted(
                                attackers.connections() / seconds,
                                attackers.handshakes() / seconds,
                                attackers.answers() / seconds,
                                attackers.limited() / seconds,
                                attackers.sent() / 1e6 / seconds);
        long growth = Memory.of(sidecar).bytes() - memory;
        attackers.end();
        System.out.printf("%-38s %s %8.0f %9.1f%n", attack.name(), rates, core, growth / 1e6);
        Thread.sleep(500);
    }
}
