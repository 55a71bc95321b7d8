package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.Await;
import dev.portcullis.testing.RecordedGateway;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Gateway that takes connections and answers nothing costs one request its time, and no more. */
class FrozenGatewayTest {
    @TempDir Path folder;

    @Test
    void afterOneRequestWithoutAnAnswer_othersAreRefusedAtOnceUntilOneIsAnswered() {
        var thawed = new CountDownLatch(1);
        try (var door = TestDoor.open(folder, "limits: { answer-time: 3s }")) {
            door.gateway()
                    .answers((head, gateway) -> {
                        await(thawed);
                        return RecordedGateway.OK.answer(head, gateway);
                    });
            var request = get(door);
            assertThat(door.exchange(request)).startsWith("HTTP/1.1 504 ");
            long begun = System.nanoTime();
            assertThat(door.exchange(request))
                    .startsWith("HTTP/1.1 503 ")
                    .contains("\r\nretry-after: ");
            assertThat(System.nanoTime() - begun).isLessThan(Duration.ofSeconds(3).toNanos());
            thawed.countDown();
            String answer;
            do { // Two in a second are tried.
                answer = door.exchange(request);
            } while (answer.startsWith("HTTP/1.1 503 "));
            assertThat(answer).startsWith("HTTP/1.1 200 ");
            assertThat(door.exchange(request)).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void oneSlowAnswerAmongOthers_speaksAgainstNobody() {
        try (var door = TestDoor.open(folder, "limits: { answer-time: 2s }");
                var slow = door.connect()) {
            door.gateway()
                    .answers((head, gateway) ->
                            head.startsWith("GET /slow")
                                    ? gateway.getInputStream().read() >= 0
                                    : RecordedGateway.OK.answer(head, gateway));
            var request = get(door);
            slow.send(request.replace("/api", "/slow"));
            Await.until("a request at the Gateway", () -> !door.gateway().heads().isEmpty());
            assertThat(door.exchange(request)).startsWith("HTTP/1.1 200 ");
            assertThat(slow.readToEnd()).startsWith("HTTP/1.1 504 ");
            assertThat(door.exchange(request)).startsWith("HTTP/1.1 200 ");
        }
    }

    private static String get(TestDoor door) {
        return "GET /api HTTP/1.1\r\nHost: claw.test\r\nConnection: close\r\nCookie: "
                + door.signIn("alice@example.com")
                + "\r\n\r\n";
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
