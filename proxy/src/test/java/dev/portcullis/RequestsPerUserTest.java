package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import dev.portcullis.session.LiveConnections;
import dev.portcullis.testing.Await;
import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.Http2Text;
import dev.portcullis.testing.RecordedGateway;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * How many requests one user may have at the Gateway at once: two here. Whatever ends one makes
 * room for exactly one other.
 */
class RequestsPerUserTest {
    private static final String NOW = "GET /now HTTP/1.1";
    private static final String WAITS = "GET /waits HTTP/1.1";
    private static final String HALF = "GET /half HTTP/1.1";

    enum Spoken {
        HTTP1,
        HTTP2
    }

    /** What came back: all of it over HTTP/1.1, and as much as tells over HTTP/2. */
    private record Answer(int status, String text) {}

    @TempDir Path folder;
    private final Semaphore mayAnswer = new Semaphore(0);
    private final List<AutoCloseable> open = new ArrayList<>();
    private TestDoor door;
    private String alice;

    @BeforeEach
    void open() {
        door =
                TestDoor.open(
                        folder,
                        "limits: { requests-per-user: 2 }\nrate-limits: { address: { rate:"
                                + " 50000/s }, user: { rate: 50000/s } }");
        alice = "Cookie: " + door.signIn("alice@example.com") + "\r\n";
        door.gateway().answers(this::answer);
    }

    @AfterEach
    void close() throws Exception {
        for (var client : open) {
            client.close();
        }
        mayAnswer.release(1000);
        door.close();
    }

    // --- one too many --------------------------------------------------------------------------

    @ParameterizedTest
    @EnumSource
    void oneTooMany_is429AndOthersPass(Spoken spoken) throws IOException {
        fill(spoken, WAITS);
        var refused = ask(spoken, NOW, alice).answer();
        assertThat(refused.status()).isEqualTo(429);
        assertThat(refused.text()).containsPattern("retry-after: \\d");
        assertThat(door.gateway().heads()).hasSize(2);
        var ada = "Cookie: " + door.signIn("ada@example.com") + "\r\n";
        assertThat(ask(spoken, NOW, ada).answer().status()).isEqualTo(200);
        assertThat(door.portcullis().meters().scrape())
                .contains("portcullis_limit_reached_total{limit=\"requests-per-user\"} 1.0");
        assertThat(Files.readString(folder.resolve("audit/audit.jsonl")))
                .containsPattern(
                        "\"deny\",\"reason\":\"too-many-requests\".*\"alice@example.com\".*429");
    }

    @ParameterizedTest
    @EnumSource
    void bodiesThatNeverEnd_count(Spoken spoken) {
        var drip = "Origin: https://claw.test\r\nContent-Length: 60000\r\n" + alice;
        for (int i = 1; i <= 2; i++) {
            int expected = i;
            ask(spoken, "POST /body HTTP/1.1", drip);
            Await.until("it at the Gateway", () -> held() == expected);
        }
        assertThat(ask(spoken, "POST /body HTTP/1.1", drip).answer().status()).isEqualTo(429);
        assertThat(held()).isEqualTo(2);
    }

    @Test
    void streamsOfOneConnection_count() {
        try (var client = door.connectHttp2()) {
            var head = Http2Text.head(WAITS, TestDoor.HOST, alice);
            int first = client.request(true, head);
            int second = client.request(true, head);
            Await.until("two at the Gateway", () -> held() == 2);
            assertThat(client.answer(client.request(true, head)).status()).isEqualTo(429);
            mayAnswer.release(2);
            assertThat(client.answer(first).status()).isEqualTo(200);
            assertThat(client.answer(second).status()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @EnumSource
    void sessionsOfOneUser_countTogether(Spoken spoken) {
        fill(spoken, WAITS);
        var another = "Cookie: " + door.signIn("alice@example.com") + "\r\n";
        assertThat(ask(spoken, NOW, another).answer().status()).isEqualTo(429);
    }

    @ParameterizedTest
    @EnumSource
    void sockets_areNotCounted(Spoken spoken) {
        fill(spoken, WAITS);
        try (var first = DoorSocket.open(door, alice.strip());
                var second = DoorSocket.open(door, alice.strip())) {
            door.gateway().answers(this::answer);
            mayAnswer.release(2);
            first.ping();
            second.ping();
            roomForTwo(spoken);
        }
    }

    // --- every way to end makes room -----------------------------------------------------------

    @ParameterizedTest
    @EnumSource
    void answer_makesRoom(Spoken spoken) {
        var both = fill(spoken, WAITS);
        mayAnswer.release(2);
        both.forEach(one -> assertThat(one.answer().status()).isEqualTo(200));
        roomForTwo(spoken);
    }

    @Test
    void answersOnOneConnection_makeRoomEachTime() {
        try (var client = door.connect()) {
            for (int i = 0; i < 5; i++) {
                client.send(NOW + "\r\nHost: claw.test\r\n" + alice + "\r\n");
                assertThat(client.readAnswer()).startsWith("HTTP/1.1 200 ");
            }
            fill(Spoken.HTTP1, WAITS); // The connection that waits for its next request has none.
        }
        mayAnswer.release(2);
        roomForTwo(Spoken.HTTP1);
    }

    @ParameterizedTest
    @EnumSource
    void clientThatCloses_makesRoom(Spoken spoken) {
        fill(spoken, WAITS).forEach(Asked::close);
        roomForTwo(spoken);
    }

    @Test
    void resetStream_makesRoom() {
        try (var client = door.connectHttp2()) {
            var head = Http2Text.head(WAITS, TestDoor.HOST, alice);
            int first = client.request(true, head);
            int second = client.request(true, head);
            Await.until("two at the Gateway", () -> held() == 2);
            assertThat(now(Spoken.HTTP2)).isEqualTo(429);
            client.frame(Http2Client.RST_STREAM, 0, first, new byte[] {0, 0, 0, 8});
            client.frame(Http2Client.RST_STREAM, 0, second, new byte[] {0, 0, 0, 8});
            roomForTwo(Spoken.HTTP2);
        }
    }

    @ParameterizedTest
    @EnumSource
    void gatewayThatDies_makesRoom(Spoken spoken) {
        var both = fill(spoken, WAITS);
        door.gateway().cut();
        both.forEach(one -> assertThat(one.answer().status()).isEqualTo(502));
        roomForTwo(spoken);
    }

    @ParameterizedTest
    @EnumSource
    void gatewayThatDiesInAnAnswer_makesRoom(Spoken spoken) {
        fill(spoken, HALF);
        assertThat(now(spoken)).isEqualTo(429);
        door.gateway().cut();
        roomForTwo(spoken);
    }

    @ParameterizedTest
    @EnumSource
    void identityThatEnds_makesRoom(Spoken spoken) {
        var both = fill(spoken, WAITS);
        var user = UserName.canonical("alice@example.com").orElseThrow();
        door.portcullis().live().close(new LiveConnections.Key.User(user), Reason.SESSION_ENDED);
        both.forEach(one -> assertThat(one.answer().status()).isEqualTo(401));
        roomForTwo(spoken);
    }

    // --- the ways to ask -----------------------------------------------------------------------

    /** Two are at the Gateway, and it does not answer them, or not to the end. */
    private List<Asked> fill(Spoken spoken, String line) {
        return List.of(waiting(spoken, line), waiting(spoken, line));
    }

    private Asked waiting(Spoken spoken, String line) {
        long before = held();
        var asked = ask(spoken, line, alice);
        Await.until("it at the Gateway", () -> held() > before);
        return asked;
    }

    /** Neither fewer nor more. */
    private void roomForTwo(Spoken spoken) {
        for (int i = 0; i < 2; i++) {
            Await.until("room", () -> now(spoken) == 200);
            waiting(spoken, WAITS);
        }
        assertThat(now(spoken)).isEqualTo(429);
    }

    private int now(Spoken spoken) {
        try (var asked = ask(spoken, NOW, alice)) {
            return asked.answer().status();
        }
    }

    private Asked ask(Spoken spoken, String line, String fields) {
        var asked = spoken == Spoken.HTTP1 ? http1(line, fields) : http2(line, fields);
        open.add(asked);
        return asked;
    }

    private Asked http1(String line, String fields) {
        var client = door.connect();
        client.send(line + "\r\nHost: claw.test\r\n" + fields + "\r\n");
        if (line.startsWith("POST")) {
            client.send("b");
        }
        return new Asked() {
            @Override
            public Answer answer() {
                var text = client.readAnswer();
                return new Answer(Integer.parseInt(text.split(" ", 3)[1]), text);
            }

            @Override
            public void close() {
                client.close();
            }
        };
    }

    private Asked http2(String line, String fields) {
        var client = door.connectHttp2();
        boolean body = line.startsWith("POST");
        int stream = client.request(!body, Http2Text.head(line, TestDoor.HOST, fields));
        if (body) {
            client.data(stream, false, "b");
        }
        return new Asked() {
            @Override
            public Answer answer() {
                var answer = client.answer(stream);
                return new Answer(answer.status(), String.join("\n", answer.fields()));
            }

            @Override
            public void close() {
                client.close();
            }
        };
    }

    /** One request that is sent, on a connection of its own. */
    private interface Asked extends AutoCloseable {
        Answer answer();

        @Override
        void close();
    }

    // --- the Gateway ---------------------------------------------------------------------------

    private boolean answer(String head, Socket gateway) throws IOException {
        if (head.startsWith(HALF)) {
            RecordedGateway.send(gateway, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf");
        }
        if (head.startsWith(HALF) || head.startsWith(WAITS)) {
            mayAnswer.acquireUninterruptibly();
        }
        return RecordedGateway.OK.answer(head, gateway);
    }

    /** How many came that are not answered at once. */
    private long held() {
        return door.gateway().heads().stream().filter(head -> !head.startsWith(NOW)).count();
    }
}
