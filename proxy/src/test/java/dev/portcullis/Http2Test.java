package dev.portcullis;

import static dev.portcullis.testing.Http2Client.DATA;
import static dev.portcullis.testing.Http2Client.GOAWAY;
import static dev.portcullis.testing.Http2Client.RST_STREAM;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.RecordedGateway;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A request's way through the door over HTTP/2: the same stages, the same bytes at the Gateway. */
class Http2Test {
    @TempDir static Path folder;
    private static TestDoor door;
    private static String alice;

    @BeforeAll
    static void open() {
        door = TestDoor.open(folder, "rate-limits: { address: { rate: 50000/s, burst: 50000 } }");
        alice = door.signIn("alice@example.com");
    }

    @AfterAll
    static void close() {
        door.close();
    }

    @BeforeEach
    void startOver() {
        door.gateway().startOver();
        door.gateway().answers(RecordedGateway.OK);
    }

    private static List<String> head(String method, String path, String... more) {
        var head = new ArrayList<>(List.of(":method", method, ":scheme", "https"));
        head.addAll(List.of(":authority", TestDoor.HOST, ":path", path));
        head.addAll(List.of(more));
        return head;
    }

    private static List<String> signedIn(String method, String path, String... more) {
        var head = head(method, path, "cookie", alice, "origin", "https://claw.test");
        head.addAll(List.of(more));
        return head;
    }

    @Test
    void noCredentials_navigationIsSentToSignIn() {
        try (var client = door.connectHttp2()) {
            var answer =
                    client.answer(
                            client.request(true, head("GET", "/chat", "accept", "text/html")));
            assertThat(answer.status()).isEqualTo(302);
            assertThat(answer.fields())
                    .contains(
                            "location: /_portcullis/sign-in?return=%2Fchat",
                            "strict-transport-security: max-age=31536000");
        }
        assertThat(door.gateway().bytes()).isEmpty();
    }

    @Test
    void signedIn_headIsWrittenAnewAndCrumbsAreOneCookie() {
        try (var client = door.connectHttp2()) {
            var request =
                    head("GET", "/api?a=b", "accept", "*/*", "cookie", "a=1", "cookie", alice);
            request.addAll(List.of("cookie", "b=2", "x-forwarded-user", "root", "te", "trailers"));
            var answer = client.answer(client.request(true, request));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("ok");
            assertThat(answer.fields()).contains("content-length: 2");
        }
        assertThat(door.gateway().heads())
                .containsExactly(
                        """
                        GET /api?a=b HTTP/1.1
                        host: claw.test
                        x-forwarded-proto: https
                        x-forwarded-host: claw.test
                        accept: */*
                        x-forwarded-for: 192.0.2.1
                        %s: alice@example.com
                        x-openclaw-scopes: %s
                        cookie: a=1; b=2

                        """
                                .formatted(
                                        TestDoor.USER_HEADER,
                                        "operator.read,operator.write,operator.talk,"
                                                + "operator.questions,operator.approvals")
                                .replace("\n", "\r\n")
                                .replaceFirst(
                                        "(?s)(accept: \\*/\\*\r\n)(.*)(cookie: .*?\r\n)",
                                        "$1$3$2"));
    }

    @Test
    void body_isRelayedWithItsLengthOrInChunks() {
        try (var client = door.connectHttp2()) {
            int counted = client.request(false, signedIn("POST", "/a", "content-length", "5"));
            client.data(counted, false, "he").data(counted, true, "llo");
            assertThat(client.answer(counted).status()).isEqualTo(200);
            assertThat(door.gateway().bytes()).endsWith("content-length: 5\r\n\r\nhello");
            door.gateway().forget();
            int open = client.request(false, signedIn("POST", "/a"));
            client.data(open, false, "hello");
            client.head(open, true, Http2Client.block(List.of("x-forwarded-user", "root")));
            assertThat(client.answer(open).status()).isEqualTo(200);
            assertThat(door.gateway().bytes())
                    .endsWith("transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n");
        }
    }

    @Test
    void cookieAloneIsNoReasonToChangeAnything_gets403AndNothingGoesOn() {
        try (var client = door.connectHttp2()) {
            var request = head("POST", "/a", "cookie", alice);
            assertThat(client.answer(client.request(true, request)).status()).isEqualTo(403);
        }
        assertThat(door.gateway().bytes()).isEmpty();
    }

    @Test
    void emptyBodies_areNoBodies() {
        try (var client = door.connectHttp2()) {
            int stream = client.request(false, signedIn("POST", "/a", "content-length", "0"));
            client.data(stream, true, "");
            assertThat(client.answer(stream).status()).isEqualTo(200);
            assertThat(door.gateway().bytes()).endsWith("content-length: 0\r\n\r\n");
        }
    }

    @Test
    void headAndNoContent_endWithTheirHead() {
        door.gateway()
                .answers((_, gateway) -> {
                    RecordedGateway.send(gateway, "HTTP/1.1 204 X\r\nContent-Length: 0\r\n\r\n");
                    return true;
                });
        try (var client = door.connectHttp2()) {
            var answer = client.answer(client.request(true, signedIn("DELETE", "/a")));
            assertThat(answer.status()).isEqualTo(204);
            assertThat(answer.fields()).noneMatch(f -> f.startsWith("content-length"));
        }
    }

    @Test
    void manyStreams_areAnsweredSideBySide() throws InterruptedException {
        var all = new CountDownLatch(10);
        door.gateway()
                .answers((head, gateway) -> {
                    all.countDown();
                    await(all); // Nobody is answered before everybody has asked.
                    return RecordedGateway.OK.answer(head, gateway);
                });
        try (var client = door.connectHttp2()) {
            var streams = new ArrayList<Integer>();
            for (int i = 0; i < 10; i++) {
                streams.add(client.request(true, signedIn("GET", "/" + i)));
            }
            for (int stream : streams) {
                assertThat(client.answer(stream).body()).isEqualTo("ok");
            }
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void largeAnswer_waitsForTheClientsWindow() {
        var body = "x".repeat(300_000);
        door.gateway()
                .answers((_, gateway) -> {
                    RecordedGateway.send(
                            gateway,
                            "HTTP/1.1 200 OK\r\nContent-Length: "
                                    + body.length()
                                    + "\r\n\r\n"
                                    + body);
                    return true;
                });
        try (var client = door.connectHttp2()) {
            int stream = client.request(true, signedIn("GET", "/big"));
            int got = 0;
            while (got < 65_535) {
                got += client.await(f -> f.type() == DATA).payload().length;
            }
            assertThat(got).as("not a byte beyond the window").isEqualTo(65_535);
            var more = new byte[] {0, 15, 0, 0};
            client.frame(Http2Client.WINDOW_UPDATE, 0, stream, more);
            client.frame(Http2Client.WINDOW_UPDATE, 0, 0, more);
            assertThat(got + client.answer(stream).body().length()).isEqualTo(300_000);
        }
    }

    @Test
    void otherAuthority_gets421AndTheConnectionStays() {
        try (var client = door.connectHttp2()) {
            var other = signedIn("GET", "/a");
            other.set(5, "evil.test");
            assertThat(client.answer(client.request(true, other)).status()).isEqualTo(421);
            assertThat(client.answer(client.request(true, signedIn("GET", "/a"))).status())
                    .isEqualTo(200);
        }
    }

    @Test
    void refusedRequest_isTheConnectionsLast() {
        try (var client = door.connectHttp2()) {
            int stream = client.request(true, signedIn("GET", "/a/../b"));
            var goAway = client.await(f -> f.type() == GOAWAY);
            assertThat(goAway.error()).isZero();
            assertThat(client.answer(stream).status()).isEqualTo(400);
            assertThat(client.isClosedByTheDoor()).isTrue();
        }
        assertThat(door.gateway().bytes()).isEmpty();
    }

    @Test
    void answerBeforeTheBody_endsTheStreamWithoutAnError() {
        try (var client = door.connectHttp2()) {
            int stream = client.request(false, head("POST", "/a"));
            var answer = client.answer(stream);
            assertThat(answer.status()).isEqualTo(401);
            var reset = client.await(f -> f.type() == RST_STREAM);
            assertThat(reset.stream()).isEqualTo(stream);
            assertThat(reset.error()).isZero();
        }
    }

    @Test
    void gatewayThatBreaksOff_isNoWholeAnswer() {
        door.gateway()
                .answers((_, gateway) -> {
                    RecordedGateway.send(
                            gateway, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
                    return false;
                });
        try (var client = door.connectHttp2()) {
            var answer = client.answer(client.request(true, signedIn("GET", "/a")));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.reset()).as("INTERNAL_ERROR").isEqualTo(2);
        }
    }
}
