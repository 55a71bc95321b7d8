package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** The configuration is read again while people work: a good one, and a broken one. */
@ExtendWith(RealParts.Provided.class)
class ReloadUnderLoadTest {
    private static final int RELOADS = 10;
    private static final int SOCKETS = 50;
    private static final int VISITORS = 4;
    private static final Duration IN_FORCE = Duration.ofSeconds(10);

    @Test
    void goodAndBrokenConfigurations_loseNothing(RealParts parts) throws Exception {
        try (var stage = FaultStage.set(parts, "drain-jitter: 1s")) {
            var sockets = stage.open(SOCKETS);
            var visitors = new ArrayList<Visitor>();
            for (int i = 0; i < VISITORS; i++) {
                visitors.add(new Visitor(stage.sidecar(), stage.get("/" + i), 5));
            }
            var good = Files.readString(stage.sidecar().configuration());
            for (int i = 1; i <= RELOADS; i++) {
                reload(stage, good.replace("drain-jitter: 1s", "drain-jitter: 1" + i + "s"), true);
            }
            reload(stage, good + "no-such-key: 1\n", false);
            assertThat(metric(stage, "portcullis_reload_failed")).isEqualTo("1.0");
            FaultStage.pause(500);
            long begun = System.nanoTime();
            reload(stage, good, true);
            long recovered = System.nanoTime() - begun;
            var seen = new TreeMap<Integer, Integer>();
            int unanswered = 0;
            for (var visitor : visitors) {
                visitor.close();
                visitor.seen().forEach((status, count) -> seen.merge(status, count, Integer::sum));
                unanswered += visitor.unanswered();
            }
            assertThat(seen).containsOnlyKeys(200);
            assertThat(unanswered).isZero();
            FaultStage.allEcho(sockets);
            FaultLine.print(
                    "reload under load, " + RELOADS + " good and one broken",
                    "answers " + seen + ", " + SOCKETS + " sockets stay",
                    unanswered,
                    recovered);
        }
    }

    /** Writes the file, which is watched, and waits until it was taken over or refused. */
    private static void reload(FaultStage stage, String text, boolean good) throws IOException {
        var outcome = "portcullis_reloads_total{outcome=\"" + (good ? "done" : "refused");
        var before = metric(stage, outcome);
        Files.writeString(stage.sidecar().configuration(), text);
        Await.until("the reload", IN_FORCE, () -> !metric(stage, outcome).equals(before));
    }

    private static String metric(FaultStage stage, String name) throws IOException {
        return stage.sidecar()
                .ask("metrics")
                .text()
                .lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.lastIndexOf(' ') + 1))
                .findFirst()
                .orElseThrow();
    }
}
