package dev.portcullis.bench.side;

import dev.portcullis.bench.rig.ClientTls;
import dev.portcullis.bench.rig.HttpLoad;
import dev.portcullis.bench.rig.Peers;
import dev.portcullis.bench.rig.Raised;
import dev.portcullis.bench.rig.Rig;
import dev.portcullis.bench.rig.Sidecar;
import dev.portcullis.bench.rig.SignIn;
import dev.portcullis.bench.rig.Subject;
import dev.portcullis.bench.rig.Wire;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Portcullis beside nginx and HAProxy, in one run, on one core each in its turn. Prints one table;
 * the figure is the proxy's own CPU time for one unit of work.
 */
public final class SideBySide {
    private final Rig rig;
    private final Peers peers;
    private final Set<String> wanted;
    private final int rounds;

    private SideBySide(Rig rig, Set<String> wanted, int rounds) {
        this.rig = rig;
        this.peers = new Peers(rig);
        this.wanted = wanted;
        this.rounds = rounds;
    }

    /** {@code HOME [--rounds N] [--rows KEY,KEY…]}. */
    public static void main(String[] arguments) throws Exception {
        var home = Path.of(arguments[0]);
        int rounds = 5;
        Set<String> rows = Set.of();
        for (int i = 1; i + 1 < arguments.length; i += 2) {
            switch (arguments[i]) {
                case "--rounds" -> rounds = Integer.parseInt(arguments[i + 1]);
                case "--rows" -> rows = Set.of(arguments[i + 1].split(",", -1));
                default -> throw new IllegalArgumentException(arguments[i]);
            }
        }
        try (var rig = new Rig(home)) {
            new SideBySide(rig, rows, rounds).run();
        }
    }

    private void run() throws IOException, InterruptedException {
        System.out.printf(
                "%-34s %-16s %9s %9s %7s %7s %9s %9s%n",
                "work", "proxy", "CPU µs", "least", "ratio", "least", "per s", "p99 µs");
        work();
        standing();
        cold();
    }

    private void work() throws IOException, InterruptedException {
        var certificate = rig.certificates().server();
        try (var nginx = peers.nginx();
                var haproxy = peers.haproxy("haproxy", "");
                var portcullis = Sidecar.start(rig, "portcullis", Raised.all())) {
            var ours = portcullis.subject();
            var cookie = SignIn.cookie(rig, ours);
            for (var row : Row.shared(certificate)) {
                contest(
                        new Contest(row)
                                .with(nginx, cookie)
                                .with(haproxy, cookie)
                                .with(ours, cookie),
                        row);
                if (row.key().equals("full")) {
                    var hybrid = Row.hybrid(certificate);
                    contest(new Contest(hybrid).with(ours, cookie), hybrid);
                }
            }
            bearer(ours, "RS256", 0.40);
            bearer(ours, "ES256", 0.25);
        }
    }

    private void bearer(Subject ours, String algorithm, double goal)
            throws IOException, InterruptedException {
        var row = Row.bearer(rig.certificates().server(), algorithm, goal);
        if (skips(row.key())) {
            return;
        }
        var key = rig.file(algorithm + ".pem", rig.issuer().publicKeyPem(algorithm));
        var field = "Authorization: Bearer " + rig.issuer().accessToken(algorithm) + "\r\n";
        try (var verifying = peers.haproxyWithTokens(algorithm, key)) {
            contest(new Contest(row).with(verifying, field).with(ours, field), row);
        }
    }

    private void contest(Contest contest, Row row) throws IOException, InterruptedException {
        if (!skips(row.key())) {
            contest.run(rig, rounds).lines().forEach(System.out::println);
            System.out.flush();
        }
    }

    private boolean skips(String key) {
        return !wanted.isEmpty() && !wanted.contains(key);
    }

    // --- what stands still -------------------------------------------------------------------

    private void standing() throws IOException, InterruptedException {
        if (skips("idle")) {
            return;
        }
        var figures = new ArrayList<Standing>();
        try (var nginx = peers.nginx()) {
            figures.add(Standing.of(rig, nginx, ""));
        }
        try (var haproxy = peers.haproxy("haproxy", "")) {
            figures.add(Standing.of(rig, haproxy, ""));
        }
        try (var portcullis = Sidecar.start(rig, "portcullis", Raised.all())) {
            var ours = portcullis.subject();
            figures.add(Standing.of(rig, ours, SignIn.cookie(rig, ours)));
        }
        Standing.lines(figures).forEach(System.out::println);
    }

    // --- what has just begun -----------------------------------------------------------------

    private void cold() throws IOException, InterruptedException {
        if (skips("cold")) {
            return;
        }
        int first = 5000;
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < Math.min(rounds, 3); round++) {
            try (var portcullis = Sidecar.start(rig, "portcullis", Raised.all())) {
                var ours = portcullis.subject();
                var cookie = SignIn.cookie(rig, ours);
                var tls = ClientTls.of(rig.certificates().server(), ClientTls.X25519, false);
                try (var load = new HttpLoad(rig, ours, tls, Wire.SMALL, cookie, 16)) {
                    var cold = Measured.window(ours, load, first);
                    for (int warm = 0; warm < 3; warm++) {
                        Measured.window(ours, load, 40_000);
                    }
                    var steady = Measured.window(ours, load, 40_000);
                    ratios.add(cold.micros() / steady.micros());
                }
            }
        }
        ratios.sort(null);
        System.out.printf(
                "cold: CPU of the first %,d requests, × steady: median %.1f, least %.1f%n",
                first, ratios.get(ratios.size() / 2), ratios.getFirst());
    }
}
