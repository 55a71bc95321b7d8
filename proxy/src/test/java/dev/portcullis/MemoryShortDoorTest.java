package dev.portcullis;

import static dev.portcullis.testing.Http2Frames.all;
import static dev.portcullis.testing.Http2Frames.headers;
import static dev.portcullis.testing.Http2Frames.setting;
import static dev.portcullis.testing.Http2Frames.window;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.Await;
import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.Http2Text;
import dev.portcullis.testing.RawClient;
import dev.portcullis.testing.RecordedGateway;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who makes room while memory is short: a tenth of what this process may hold is taken here. */
class MemoryShortDoorTest {
    private static final String HOST = TestDoor.HOST;
    private static final String SETTINGS = "limits: { memory: 10%, socket-buffer: 16KiB }";
    private static final int LONG = 12 * 1024 * 1024;
    private static final int PIECE = 20 * 1024;
    private static final int INITIAL_WINDOW = 4;
    private static final int CANCEL = 8;

    @TempDir Path folder;
    private TestDoor door;
    private String cookie;

    @BeforeEach
    void open() {
        door = TestDoor.open(folder, SETTINGS);
        cookie = "Cookie: " + door.signIn("alice@example.com") + "\r\n";
        door.gateway()
                .answers((head, gateway) -> {
                    if (head.contains("sec-websocket-key: ")) {
                        RecordedGateway.openSocket(head, gateway);
                        return true;
                    } else if (!head.startsWith("GET /long ")) {
                        return RecordedGateway.OK.answer(head, gateway);
                    }
                    RecordedGateway.send(
                            gateway, "HTTP/1.1 200 OK\r\nContent-Length: " + LONG + "\r\n\r\n");
                    gateway.getOutputStream().write(new byte[LONG]);
                    return true;
                });
    }

    @AfterEach
    void close() {
        door.close();
    }

    @Test
    void whoReadsNothing_isCutAndWhoReadsSlowlyIsNot() {
        try (var slow = door.connect();
                var slowHttp2 = door.connectHttp2();
                var unread = door.connect();
                var unreadHttp2 = door.connectHttp2();
                var ballast = new Ballast()) {
            for (var client : List.of(slow, unread)) {
                client.send(get("/long"));
            }
            int socket = unreadHttp2.request(false, socket());
            assertThat(unreadHttp2.await(f -> f.stream() == socket)).isNotNull();
            unreadHttp2.raw(all(wideWindows(), headers(socket + 2, true, block("/long"))));
            var long4 = new byte[4][];
            for (int i = 0; i < long4.length; i++) {
                long4[i] = headers(1 + 2 * i, true, block("/long"));
            }
            slowHttp2.raw(all(wideWindows(), all(long4)));
            assertThat(slow.readHead()).startsWith("HTTP/1.1 200 ");
            ballast.take();
            for (int i = 0; i < 50; i++) {
                slow.read(PIECE);
                assertThat(slowHttp2.read().type()).isNotEqualTo(Http2Client.RST_STREAM);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            }
            var overloaded =
                    "overloaded"; // An answer and a socket over HTTP/2, and another answer.
            Await.until("their lines", () -> reasons().size() >= 3);
            assertThat(reasons()).containsExactly(overloaded, overloaded, overloaded);
            assertThat(readAll(unread)).isLessThan(LONG);
            assertThat(unreadHttp2.goAway()).as("it closes without a word").isEqualTo(-1);
        }
        Await.until("memory is enough", this::isServed);
    }

    @Test
    void streamThatIsNotRead_isResetAndNoOther() {
        try (var client = door.connectHttp2();
                var ballast = new Ballast()) {
            int unread = client.request(true, Http2Text.head("GET /long HTTP/1.1", HOST, cookie));
            ballast.take();
            assertThat(client.answer(unread).reset()).isEqualTo(CANCEL);
            client.frame(Http2Client.PING, 0, 0, Http2Client.opaque("stillup?"));
            assertThat(client.await(f -> f.type() == Http2Client.PING)).isNotNull();
            Await.until("its line", () -> reasons().equals(List.of("overloaded")));
            assertThat(door.portcullis().meters().scrape())
                    .contains("portcullis_limit_reached_total{limit=\"memory\"} 1.0");
        }
    }

    @Test
    void whoHasProvenNothing_isCut() {
        try (var stranger = door.connect();
                var strangerHttp2 = door.connectHttp2();
                var ballast = new Ballast()) {
            ballast.take();
            assertThat(stranger.readToEnd()).isEmpty();
            assertThat(strangerHttp2.goAway()).as("it closes without a word").isEqualTo(-1);
        }
    }

    @Test
    void whoWaitsForHisNextRequest_isToldToGo() {
        try (var known = door.connect();
                var knownHttp2 = door.connectHttp2();
                var ballast = new Ballast()) {
            assertThat(known.send(get("/a")).readAnswer()).startsWith("HTTP/1.1 200 ");
            var stream = knownHttp2.request(true, Http2Text.head("GET /a HTTP/1.1", HOST, cookie));
            assertThat(knownHttp2.answer(stream).status()).isEqualTo(200);
            ballast.take();
            assertThat(known.readToEnd()).isEmpty();
            assertThat(knownHttp2.goAway()).isZero();
            assertThat(knownHttp2.isClosedByTheDoor()).isTrue();
        }
    }

    private String get(String path) {
        return "GET " + path + " HTTP/1.1\r\nHost: " + HOST + "\r\n" + cookie + "\r\n";
    }

    private String ask(RawClient client) {
        return client.send(get("/a")).readAnswer();
    }

    private boolean isServed() {
        try (var late = door.connect()) {
            return ask(late).startsWith("HTTP/1.1 200 ");
        } catch (UncheckedIOException | AssertionError turnedAway) {
            return false;
        }
    }

    private byte[] block(String path) {
        return Http2Client.block(Http2Text.head("GET " + path + " HTTP/1.1", HOST, cookie));
    }

    private List<String> socket() {
        var fields = cookie + "origin: https://claw.test\r\nsec-websocket-version: 13\r\n";
        return Http2Text.socket("/", HOST, fields);
    }

    private static byte[] wideWindows() {
        int most = Integer.MAX_VALUE;
        return all(setting(INITIAL_WINDOW, most), window(0, most - 65_535));
    }

    /** How many bytes come until the connection ends. */
    private static int readAll(RawClient client) {
        int count = 0;
        try {
            while (client.readByte() >= 0) {
                count++;
            }
        } catch (UncheckedIOException | AssertionError end) {
            // A reset, or an end without TLS's goodbye.
        }
        return count;
    }

    /** Why what had been let pass came to its end. */
    private List<String> reasons() {
        var reason = Pattern.compile("\"verdict\":\"done\",\"reason\":\"([^\"]*)\"");
        try {
            return reason.matcher(Files.readString(folder.resolve("audit/audit.jsonl")))
                    .results()
                    .map(found -> found.group(1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Direct memory of Netty's pool, as much as makes it short for this door. */
    private static final class Ballast implements AutoCloseable {
        private ByteBuf memory;

        void take() {
            long tenth = Runtime.getRuntime().maxMemory() / 9;
            memory = ByteBufAllocator.DEFAULT.directBuffer(Math.toIntExact(tenth));
        }

        @Override
        public void close() {
            memory.release();
        }
    }
}
