package dev.portcullis.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Our own stop, by one signal and by two. */
@ExtendWith(RealParts.Provided.class)
class StopTest {
    private static final int SOCKETS = 200;
    private static final int ASKING = 10;

    /** Beside the drain: to write the last lines, and for a machine that does other things too. */
    private static final Duration WRITING = Duration.ofSeconds(8);

    @Test
    void sigtermUnderLoad_answersWhatWasAskedAndTellsEverySocket(RealParts parts) throws Exception {
        try (var stage = FaultStage.set(parts, "drain-jitter: 3s, drain-grace: 3s")) {
            var sockets = stage.open(SOCKETS);
            var answered = ConcurrentHashMap.<String>newKeySet();
            var going = new AtomicBoolean(true);
            long begun;
            try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
                var askers = new ArrayList<Future<?>>();
                var number = new AtomicInteger();
                for (int i = 0; i < ASKING; i++) {
                    askers.add(threads.submit(() -> ask(stage, number, answered, going)));
                }
                FaultStage.pause(1000);
                begun = System.nanoTime();
                stage.sidecar().process().terminate();
                FaultStage.allTold(sockets, 1001);
                assertThat(stage.sidecar().process().exitCode(6 + WRITING.toSeconds())).isZero();
                going.set(false);
                for (var asker : askers) {
                    asker.get();
                }
            }
            long took = System.nanoTime() - begun;
            var lost = asked(stage);
            lost.removeAll(answered);
            assertThat(answered).hasSizeGreaterThan(ASKING);
            assertThat(lost).isEmpty();
            FaultLine.print(
                    "SIGTERM under load",
                    "1001 on each of " + SOCKETS + ", " + answered.size() + " answers",
                    lost.size(),
                    took);
        }
    }

    /** Asks until the door is shut: in the middle of nothing, or by an answer that says so. */
    private static void ask(
            FaultStage stage, AtomicInteger number, Set<String> answered, AtomicBoolean going) {
        while (going.get()) {
            try (var client = stage.sidecar().connect()) {
                boolean open = true;
                while (open && going.get()) {
                    var path = "/asked/" + number.incrementAndGet();
                    var answer = client.send(stage.get(path)).answerIfAny();
                    open = answer.isPresent();
                    answer.filter(it -> it.status() == 200).ifPresent(it -> answered.add(path));
                }
            } catch (IOException shut) {
                FaultStage.pause(50);
            }
        }
    }

    private static Set<String> asked(FaultStage stage) {
        var paths = ConcurrentHashMap.<String>newKeySet();
        stage.gateway().requests().stream()
                .map(request -> request.line().split(" ", 3)[1])
                .filter(path -> path.startsWith("/asked/"))
                .forEach(paths::add);
        return paths;
    }

    @Test
    void secondSigterm_tellsEverySocketAndEndsAtOnce(RealParts parts) throws Exception {
        try (var stage = FaultStage.set(parts, "drain-jitter: 5m, drain-grace: 5m")) {
            var sockets = stage.open(SOCKETS);
            var process = stage.sidecar().process();
            process.terminate();
            Await.until(
                    "the stop",
                    Duration.ofSeconds(5),
                    () -> stage.sidecar().ask("ready").status() == 503);
            assertThat(open(sockets)).isGreaterThan(SOCKETS / 2);
            long begun = System.nanoTime();
            process.terminate();
            FaultStage.allTold(sockets, 1001);
            assertThat(process.exitCode(WRITING.toSeconds())).isZero();
            FaultLine.print(
                    "SIGTERM twice", "1001 on each of " + SOCKETS, 0, System.nanoTime() - begun);
        }
    }

    /** How many were told nothing yet. */
    private static long open(List<DoorClient> sockets) throws IOException {
        long open = 0;
        for (var socket : sockets) {
            open += socket.in().available() == 0 ? 1 : 0;
        }
        return open;
    }
}
