package dev.portcullis;

import static dev.portcullis.testing.Http2Client.PING;
import static dev.portcullis.testing.Http2Client.WINDOW_UPDATE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.Await;
import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.Http2Text;
import dev.portcullis.testing.RecordedGateway;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Requests over HTTP/2 whose answers have no room: they are served one at a time, in turn. */
class Http2TurnsTest {
    /** SETTINGS_INITIAL_WINDOW_SIZE 0: no byte of an answer's body for now. */
    private static final byte[] NO_WINDOW = {0, 4, 0, 0, 0, 0};

    private static final byte[] SMALL_WINDOW = {0, 4, 0, 0, 0x10, 0};
    private static final byte[] SOME_WINDOW = {0, 4, 0, 0, 0x40, 0};
    private static final byte[] CANCEL = {0, 0, 0, 8};
    private static final int REFUSED_STREAM = 7;
    private static final int ENHANCE_YOUR_CALM = 11;
    private static final String NO_CONNECTION = "portcullis_connections_open 0.0";

    @TempDir Path folder;

    @Test
    void requestsWithoutAWindow_reachTheGatewayOneAtATime() {
        try (var door = TestDoor.open(folder, "limits: { answer-idle: 30s, head-time: 30s }")) {
            var get = getOf(door.signIn("alice@example.com"));
            try (var client = door.connectHttp2()) {
                client.frame(Http2Client.SETTINGS, 0, 0, NO_WINDOW);
                int first = client.request(true, get); // It may wait for the head alone.
                var others = requests(client, 8, get);
                client.await(f -> f.stream() == first && f.type() == Http2Client.HEADERS);
                client.frame(PING, 0, 0, Http2Client.opaque("all read"));
                client.await(f -> f.type() == PING);

                client.frame(WINDOW_UPDATE, 0, others.getLast(), new byte[] {0, 0, 0x40, 0});
                assertThat(client.answer(others.getLast()).status()).isEqualTo(200);
                assertThat(door.gateway().heads()).hasSize(2);

                client.frame(Http2Client.SETTINGS, 0, 0, SOME_WINDOW);
                for (int stream : others.subList(0, 7)) {
                    assertThat(client.answer(stream).status()).isEqualTo(200);
                }
                assertThat(door.gateway().heads()).hasSize(9);
            }
        }
    }

    @Test
    void requestThatNeverHasAWindow_isRefusedAsNotBegun() {
        try (var door = TestDoor.open(folder, "limits: { head-time: 1s, answer-idle: 30s }")) {
            var get = getOf(door.signIn("alice@example.com"));
            try (var client = door.connectHttp2()) {
                client.frame(Http2Client.SETTINGS, 0, 0, NO_WINDOW);
                client.request(true, get);
                int second = client.request(true, get);
                assertThat(client.answer(second).reset()).isEqualTo(REFUSED_STREAM);
                assertThat(door.gateway().heads()).hasSize(1);
                assertRefusedCounts(door);
            }
        }
    }

    @Test
    void requestsWithoutAWindow_areRefusedAsNotBegun_beyondNine() {
        try (var door = TestDoor.open(folder, "")) {
            var get = getOf(door.signIn("alice@example.com"));
            try (var client = door.connectHttp2()) {
                client.frame(Http2Client.SETTINGS, 0, 0, NO_WINDOW);
                requests(client, 9, get);
                int last = client.request(true, get);
                assertThat(client.answer(last).reset()).isEqualTo(REFUSED_STREAM);
                assertRefusedCounts(door);
                client.frame(Http2Client.SETTINGS, 0, 0, SOME_WINDOW);
                assertThat(client.answer(client.request(true, get)).status()).isEqualTo(200);
            }
        }
    }

    /** Nothing is begun before its stream ends, and what waits for that is not without bounds. */
    @Test
    void requestsThatAnnounceNoBodyAndDoNotEnd_areRefusedAsNotBegun_beyondEight() {
        try (var door = TestDoor.open(folder, "")) {
            var nothing =
                    Http2Text.head(
                            "GET /a HTTP/1.1",
                            TestDoor.HOST,
                            "content-length: 0\r\ncookie: "
                                    + door.signIn("alice@example.com")
                                    + "\r\n");
            try (var client = door.connectHttp2()) {
                int first = client.request(false, nothing);
                for (int i = 1; i < 8; i++) {
                    client.request(false, nothing);
                }
                int last = client.request(false, nothing);
                assertThat(client.answer(last).reset()).isEqualTo(REFUSED_STREAM);
                assertThat(door.gateway().heads()).isEmpty();
                client.data(first, true, "");
                assertThat(client.answer(first).status()).isEqualTo(200);
                int next = client.request(false, nothing);
                client.data(next, true, "");
                assertThat(client.answer(next).status()).isEqualTo(200);
            }
        }
    }

    /** Few bytes on the wire are many here: a table entry is a long field in every head. */
    @Test
    void longRequestsThatDoNotEnd_orWait_areRefusedAsNotBegunSooner() {
        try (var door = TestDoor.open(folder)) {
            var cookie = "cookie: " + door.signIn("alice@example.com") + "\r\n";
            var padding = "x-padding: " + "a".repeat(14_000) + "\r\n";
            var nothing =
                    Http2Text.head(
                            "GET /a HTTP/1.1",
                            TestDoor.HOST,
                            "content-length: 0\r\n" + cookie + padding);
            var get = Http2Text.head("GET /a HTTP/1.1", TestDoor.HOST, cookie + padding);
            try (var client = door.connectHttp2()) {
                int first = client.request(false, nothing);
                int last = first;
                for (int i = 0; i < 4; i++) {
                    last = client.request(false, nothing);
                }
                assertThat(client.answer(last).reset()).isEqualTo(REFUSED_STREAM);
                client.data(first, true, "");
                assertThat(client.answer(first).status()).isEqualTo(200);
            }
            try (var client = door.connectHttp2()) {
                client.frame(Http2Client.SETTINGS, 0, 0, NO_WINDOW);
                var all = requests(client, 7, get); // One is begun.
                assertThat(client.answer(all.getLast()).reset()).isEqualTo(REFUSED_STREAM);
            }
        }
    }

    /** Each stream costs some kilobytes, and nothing of these answers can go out. */
    @Test
    void requestsBehindManyAnswersThatWaitForTheConnection_areRefusedAsNotBegun() {
        try (var door = TestDoor.open(folder)) {
            var get = getOf(door.signIn("alice@example.com"));
            door.gateway()
                    .answers((_, gateway) -> {
                        RecordedGateway.send(
                                gateway,
                                "HTTP/1.1 200 OK\r\nContent-Length: 8000\r\n\r\n"
                                        + "a".repeat(8_000));
                        return true;
                    });
            try (var client = door.connectHttp2()) {
                var all = requests(client, 8, get); // A little less than the window.
                all.forEach(stream -> assertThat(client.answer(stream).status()).isEqualTo(200));
                var stranger = Http2Text.head("GET /a HTTP/1.1", TestDoor.HOST, "");
                var waiting = requests(client, 60, stranger); // Each answered by us, at once.
                assertThat(client.answer(waiting.getLast()).reset()).isEqualTo(REFUSED_STREAM);
                client.frame(WINDOW_UPDATE, 0, 0, new byte[] {0, 0x10, 0, 0});
                client.frame(PING, 0, 0, Http2Client.opaque("all sent"));
                client.await(f -> f.type() == PING);
                int next = client.request(true, get);
                assertThat(client.answer(next).status()).isEqualTo(200);
            }
        }
    }

    private static void assertRefusedCounts(TestDoor door) {
        assertThat(door.portcullis().meters().scrape())
                .contains("portcullis_limit_reached_total{limit=\"http2-streams\"} 1.0");
    }

    @Test
    void placeOfARequestWithoutAWindow_isTheNextOnesWhenItIsReset() {
        try (var door = TestDoor.open(folder, "")) {
            var get = getOf(door.signIn("alice@example.com"));
            try (var client = door.connectHttp2()) {
                client.frame(Http2Client.SETTINGS, 0, 0, NO_WINDOW);
                int first = client.request(true, get);
                int second = client.request(true, get);
                client.await(f -> f.stream() == first && f.type() == Http2Client.HEADERS);
                client.frame(Http2Client.RST_STREAM, 0, first, CANCEL);
                client.await(f -> f.stream() == second && f.type() == Http2Client.HEADERS);
                assertThat(door.gateway().heads()).hasSize(2);
            }
        }
    }

    @Test
    void placeOfARequestWithoutAWindow_isTheNextOnesWhenItGetsOne_howeverLongItLasts() {
        var end = new CountDownLatch(1);
        try (var door = TestDoor.open(folder, "")) {
            var get = getOf(door.signIn("alice@example.com"));
            door.gateway()
                    .answers((_, gateway) -> {
                        RecordedGateway.send(
                                gateway, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n.");
                        await(end);
                        return false;
                    });
            try (var client = door.connectHttp2()) {
                client.frame(Http2Client.SETTINGS, 0, 0, NO_WINDOW);
                int first = client.request(true, get);
                int second = client.request(true, get);
                client.await(f -> f.stream() == first && f.type() == Http2Client.HEADERS);
                client.frame(WINDOW_UPDATE, 0, first, new byte[] {0, 0, 0x40, 0});
                var next = client.await(f -> f.stream() == second);
                assertThat(next.type()).as("its head, and no reset").isEqualTo(Http2Client.HEADERS);
            } finally {
                end.countDown();
            }
        }
    }

    @Test
    void requestsThatWaitForAWindow_areNotBegunBecauseAllAreReset() {
        try (var door = TestDoor.open(folder, "")) {
            var get = getOf(door.signIn("alice@example.com"));
            try (var client = door.connectHttp2()) {
                client.frame(Http2Client.SETTINGS, 0, 0, NO_WINDOW);
                var all = requests(client, 5, get);
                client.await(f -> f.stream() == all.getFirst() && f.type() == Http2Client.HEADERS);
                var resets = new ByteArrayOutputStream(); // Read as one.
                all.forEach(stream -> resets.writeBytes(reset(stream)));
                client.raw(resets.toByteArray());
                client.frame(Http2Client.SETTINGS, 0, 0, SOME_WINDOW);
                assertThat(client.answer(client.request(true, get)).status()).isEqualTo(200);
                assertThat(door.gateway().heads()).hasSize(2);
            }
        }
    }

    @Test
    void requestsThatWaitForAWindow_areNotBegunBecauseTheirClientIsGone() {
        try (var door = TestDoor.open(folder, "")) {
            var cookie = door.signIn("alice@example.com");
            try (var client = door.connectHttp2()) {
                client.frame(Http2Client.SETTINGS, 0, 0, NO_WINDOW);
                var all = requests(client, 5, getOf(cookie));
                client.await(f -> f.stream() == all.getFirst() && f.type() == Http2Client.HEADERS);
            }
            Await.until(
                    "the end of its connection",
                    () -> door.portcullis().meters().scrape().contains(NO_CONNECTION));
            assertThat(door.gateway().heads()).hasSize(1);
        }
    }

    @Test
    void requestsThatWaitForAWindow_areRefusedByAStop() {
        try (var door = TestDoor.open(folder, "limits: { drain-jitter: 0s, drain-grace: 8s }")) {
            var get = getOf(door.signIn("alice@example.com"));
            var drained = new CompletableFuture<Boolean>();
            try (var client = door.connectHttp2()) {
                client.frame(Http2Client.SETTINGS, 0, 0, NO_WINDOW);
                var all = requests(client, 2, get);
                client.await(f -> f.stream() == all.getFirst() && f.type() == Http2Client.HEADERS);
                drained.completeAsync(door.portcullis()::drain);
                assertThat(client.answer(all.getLast()).reset()).isEqualTo(REFUSED_STREAM);
            }
            assertThat(drained.join()).isTrue();
        }
    }

    @Test
    void requestWithABodyAndNoWindow_doesNotWait() {
        try (var door = TestDoor.open(folder, "")) {
            try (var client = door.connectHttp2()) {
                client.frame(Http2Client.SETTINGS, 0, 0, NO_WINDOW);
                client.request(true, getOf("nobody=1"));
                int upload = client.request(false, getOf("nobody=1"));
                assertThat(client.answer(upload).reset()).isEqualTo(REFUSED_STREAM);
            }
        }
    }

    @Test
    void bodyOfARequestWhoseAnswerIsNotRead_isDroppedAndNotKept() {
        try (var door = TestDoor.open(folder, "")) {
            try (var client = door.connectHttp2()) {
                client.frame(Http2Client.SETTINGS, 0, 0, NO_WINDOW);
                int upload = client.request(false, getOf("nobody=1")); // Its 401 has no window.
                var bytes = new ByteArrayOutputStream();
                for (int i = 0; i < 40; i++) { // More than half its window.
                    bytes.writeBytes(
                            Http2Client.bytes(Http2Client.DATA, 0, upload, new byte[1_000]));
                }
                client.raw(bytes.toByteArray());
                client.frame(PING, 0, 0, Http2Client.opaque("all read"));
                var next =
                        client.await(f ->
                                f.type() == PING
                                        || (f.type() == WINDOW_UPDATE && f.stream() == upload));
                assertThat(next.type()).as("it is given back").isNotEqualTo(PING);
            }
        }
    }

    @Test
    void resetOfAnAnswerThatWaits_isNotAnsweredWithAnother() {
        var length = 60_000;
        try (var door = TestDoor.open(folder, "")) {
            var get = getOf(door.signIn("alice@example.com"));
            var answer = "HTTP/1.1 200 OK\r\nContent-Length: " + length + "\r\n\r\n";
            door.gateway()
                    .answers((_, gateway) -> {
                        RecordedGateway.send(gateway, answer + ".".repeat(length));
                        return true;
                    });
            try (var client = door.connectHttp2()) {
                client.frame(Http2Client.SETTINGS, 0, 0, SMALL_WINDOW);
                int stream = client.request(true, get);
                client.await(f -> f.stream() == stream && f.type() == Http2Client.DATA);
                client.frame(PING, 0, 0, Http2Client.opaque("answered"));
                client.await(f -> f.type() == PING);
                client.frame(Http2Client.RST_STREAM, 0, stream, CANCEL);
                client.frame(PING, 0, 0, Http2Client.opaque("all read"));
                var next =
                        client.await(f -> f.type() == PING || f.type() == Http2Client.RST_STREAM);
                assertThat(next.type()).isEqualTo(PING);
            }
        }
    }

    @Test
    void windowsThatAreTakenBackFromMany_endTheConnection() {
        var end = new CountDownLatch(1);
        try (var door = TestDoor.open(folder, "")) {
            var get = getOf(door.signIn("alice@example.com"));
            door.gateway()
                    .answers((_, _) -> {
                        await(end);
                        return false;
                    });
            try (var client = door.connectHttp2()) {
                requests(client, 9, get);
                client.frame(Http2Client.SETTINGS, 0, 0, NO_WINDOW);
                client.frame(PING, 0, 0, Http2Client.opaque("all read"));
                client.await(f -> f.type() == PING);
                client.frame(Http2Client.SETTINGS, 0, 0, SOME_WINDOW);
                requests(client, 1, get);
                client.frame(Http2Client.SETTINGS, 0, 0, NO_WINDOW);
                assertThat(client.goAway()).isEqualTo(ENHANCE_YOUR_CALM);
            } finally {
                end.countDown();
            }
        }
    }

    @Test
    void answerWithoutAWindow_isNotCutByABodyThatGoesOn() {
        try (var door = TestDoor.open(folder, "");
                var client = door.connectHttp2()) {
            client.frame(Http2Client.SETTINGS, 0, 0, NO_WINDOW);
            int upload = client.request(false, getOf("nobody=1"));
            for (int i = 0; i < 7; i++) { // More than is dropped before a reset.
                client.frame(Http2Client.DATA, 0, upload, new byte[16 * 1024]);
                client.frame(PING, 0, 0, Http2Client.opaque("dropped?"));
                client.await(f -> f.type() == PING);
            }
            client.frame(WINDOW_UPDATE, 0, upload, new byte[] {0, 1, 0, 0});
            var answer = client.answer(upload);
            assertThat(answer.reset()).isNegative();
            assertThat(answer.body()).isNotEmpty();
        }
    }

    private static List<Integer> requests(Http2Client client, int count, List<String> head) {
        var streams = new ArrayList<Integer>();
        for (int i = 0; i < count; i++) {
            streams.add(client.request(true, head));
        }
        return streams;
    }

    private static byte[] reset(int stream) {
        return Http2Client.bytes(Http2Client.RST_STREAM, 0, stream, CANCEL);
    }

    private static List<String> getOf(String cookie) {
        return Http2Text.head("GET /a HTTP/1.1", TestDoor.HOST, "cookie: " + cookie + "\r\n");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
