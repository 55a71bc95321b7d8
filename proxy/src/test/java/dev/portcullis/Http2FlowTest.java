package dev.portcullis;

import static dev.portcullis.testing.Http2Client.PING;
import static dev.portcullis.testing.Http2Client.SETTINGS;
import static dev.portcullis.testing.Http2Client.WINDOW_UPDATE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.Http2Text;
import dev.portcullis.testing.RecordedGateway;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What one HTTP/2 connection can make the door hold, and what a stalled stream costs the others.
 */
class Http2FlowTest {
    private static final int PIECE = 16 * 1024;

    /** What a stalled stream may still send: less than a piece. */
    private static final int LEFT = 3_000;

    /** With which they begin: nothing else that is sent has such a byte. */
    private static final int LAST = 0x7E;

    /** Far more than windows, water marks and small kernel buffers come to for four streams. */
    private static final int TOO_MUCH = 8 * 1024 * 1024;

    @TempDir Path folder;

    @Test
    void gatewayThatDoesNotRead_stopsItsStreamsAndNoOther() {
        var end = new CountDownLatch(1);
        try (var door = TestDoor.open(folder, "limits: { socket-buffer: 16KiB }")) {
            var cookie = "cookie: " + door.signIn("alice@example.com") + "\r\n";
            door.gateway()
                    .answers((head, gateway) -> {
                        if (!head.contains("upgrade: websocket")) {
                            return RecordedGateway.OK.answer(head, gateway);
                        }
                        gateway.setReceiveBufferSize(PIECE);
                        RecordedGateway.openSocket(head, gateway);
                        await(end); // And reads nothing.
                        return false;
                    });
            try (var client = door.connectHttp2()) {
                for (int i = 0; i < 4; i++) {
                    int socket = client.request(false, socket(cookie));
                    client.await(f -> f.stream() == socket);
                    int taken = sendUntilStalled(client, socket);
                    assertThat(taken).as("bytes taken of stream " + socket).isLessThan(TOO_MUCH);
                }
                var get = Http2Text.head("GET /a HTTP/1.1", TestDoor.HOST, cookie);
                assertThat(client.answer(client.request(true, get)).status()).isEqualTo(200);
            } finally {
                end.countDown();
            }
        }
    }

    /** One endless binary frame, as long as the door gives its window back. */
    private static int sendUntilStalled(Http2Client client, int stream) {
        var head = new byte[14];
        head[0] = 2;
        head[1] = (byte) 0xFF;
        ByteBuffer.wrap(head).putLong(2, 20 * 1024 * 1024);
        var small = new byte[] {(byte) 0x82, (byte) 0x80, 0, 0, 0, 0};
        head[0] = (byte) 0x82;
        client.frame(Http2Client.DATA, 0, stream, small); // The first message may not be long.
        client.frame(Http2Client.DATA, 0, stream, head);
        int window = 65_535 - head.length - small.length;
        int sent = 0;
        for (int silent = 0; silent < 30 && sent < TOO_MUCH; ) {
            if (window >= PIECE + LEFT) {
                client.frame(Http2Client.DATA, 0, stream, new byte[PIECE]);
                window -= PIECE;
                sent += PIECE;
            }
            int more = grantedBeforePing(client, stream);
            window += more;
            silent = more == 0 && window < PIECE + LEFT ? silent + 1 : 0;
        }
        return sent;
    }

    private static int grantedBeforePing(Http2Client client, int stream) {
        client.frame(PING, 0, 0, new byte[8]);
        int granted = 0;
        for (var frame = client.read(); ; frame = client.read()) {
            assertThat(frame).as("the door closed").isNotNull();
            if (frame.type() == PING) {
                return granted;
            }
            if (frame.type() == WINDOW_UPDATE && frame.stream() == stream) {
                granted += ByteBuffer.wrap(frame.payload()).getInt();
            }
        }
    }

    @Test
    void frameOfAnUnknownType_keepsNoStreamOpen() {
        try (var door = TestDoor.open(folder, "limits: { keep-alive: 1s }")) {
            var cookie = "cookie: " + door.signIn("alice@example.com") + "\r\n";
            try (var client = door.connectHttp2()) {
                var get = Http2Text.head("GET /a HTTP/1.1", TestDoor.HOST, cookie);
                int stream = client.newStream();
                var both = new ByteArrayOutputStream(); // So that no answer ends the stream first.
                both.writeBytes(
                        Http2Client.bytes(Http2Client.HEADERS, 5, stream, Http2Client.block(get)));
                both.writeBytes(Http2Client.bytes(0x42, 0, stream, new byte[4])); // §5.5.
                client.raw(both.toByteArray());
                assertThat(client.answer(stream).status()).isEqualTo(200);
                assertThat(client.goAway()).isZero(); // It is idle.
                assertThat(client.isClosedByTheDoor()).isTrue();
            }
        }
    }

    /** As many as a window holds: they wait as one, and none of them is lost. */
    @Test
    void smallFramesThatNobodyReads_wait() throws Exception {
        var readOn = new CountDownLatch(1);
        var came = new ByteArrayOutputStream();
        var all = new CountDownLatch(1);
        try (var door = TestDoor.open(folder, "limits: { socket-buffer: 16KiB }")) {
            var cookie = "cookie: " + door.signIn("alice@example.com") + "\r\n";
            door.gateway()
                    .answers((head, gateway) -> {
                        gateway.setReceiveBufferSize(PIECE);
                        RecordedGateway.openSocket(head, gateway);
                        await(readOn);
                        var last = new byte[LEFT];
                        for (int b = 0; b != LAST; b = gateway.getInputStream().read()) {
                            assertThat(b).isNotNegative();
                        }
                        gateway.getInputStream().readNBytes(last, 1, LEFT - 1);
                        came.writeBytes(last);
                        all.countDown();
                        return false;
                    });
            try (var client = door.connectHttp2()) {
                int socket = client.request(false, socket(cookie));
                client.await(f -> f.stream() == socket);
                sendUntilStalled(client, socket);
                var bytes = new ByteArrayOutputStream();
                var sent = new byte[LEFT];
                for (int i = 0; i < LEFT; i++) {
                    sent[i] = (byte) (i == 0 ? LAST : i % 100);
                    var piece = new byte[] {sent[i]};
                    bytes.writeBytes(Http2Client.bytes(Http2Client.DATA, 0, socket, piece));
                }
                client.raw(bytes.toByteArray());
                assertThat(grantedBeforePing(client, socket)).as("nobody reads").isZero();
                readOn.countDown();
                assertThat(all.await(10, TimeUnit.SECONDS)).isTrue();
                sent[0] = 0; // By which the Gateway knew where they begin.
                assertThat(came.toByteArray()).isEqualTo(sent);
            } finally {
                readOn.countDown();
            }
        }
    }

    /** As over HTTP/1.1, in chunks: each costs as much as some hundred bytes. */
    @Test
    void bodyInCrumbs_isRefused() {
        try (var door = TestDoor.open(folder);
                var client = door.connectHttp2()) {
            var cookie = "cookie: " + door.signIn("alice@example.com") + "\r\n";
            var fields = cookie + "origin: https://claw.test\r\n";
            var put = Http2Text.head("POST /api HTTP/1.1", TestDoor.HOST, fields);
            int upload = client.request(false, put);
            var crumbs = new ByteArrayOutputStream();
            for (int i = 0; i < 100; i++) {
                crumbs.writeBytes(Http2Client.bytes(Http2Client.DATA, 0, upload, new byte[1]));
            }
            Http2Client.Frame next;
            int batches = 0;
            do { // What waits to be read is joined, and no crumb.
                client.raw(crumbs.toByteArray()).frame(PING, 0, 0, new byte[8]);
                next = client.await(f -> f.type() == PING || f.stream() == upload);
            } while (next.type() == PING && ++batches < 40);
            assertThat(next.fields()).contains(":status: 400");
        }
    }

    @Test
    void headersInASocket_resetItAndNothingFollows() {
        try (var door = TestDoor.open(folder)) {
            var cookie = "cookie: " + door.signIn("alice@example.com") + "\r\n";
            door.gateway()
                    .answers((head, gateway) -> {
                        RecordedGateway.openSocket(head, gateway);
                        gateway.getInputStream().transferTo(OutputStream.nullOutputStream());
                        return false;
                    });
            try (var client = door.connectHttp2()) {
                int socket = client.request(false, socket(cookie));
                client.await(f -> f.stream() == socket);
                client.head(socket, true, Http2Client.block(List.of("x", "y")));
                client.frame(PING, 0, 0, new byte[8]);
                var types = new ArrayList<Integer>();
                for (var frame = client.read(); frame.type() != PING; frame = client.read()) {
                    types.add(frame.type());
                }
                assertThat(types).endsWith(Http2Client.RST_STREAM);
            }
        }
    }

    /** What it has waited for in vain is told apart from what is whole. */
    @Test
    void resetOfTheLastStream_goesOutBeforeTheEnd() {
        var limits =
                "rate-limits: { address: { rate: 1/s, burst: 1 } }\n"
                        + "limits: { answer-idle: 1s }";
        try (var door = TestDoor.open(folder, limits);
                var client = door.connectHttp2()) {
            var get = Http2Text.head("GET /a HTTP/1.1", TestDoor.HOST, "");
            assertThat(client.answer(client.request(true, get)).status()).isEqualTo(401);
            client.frame(SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, 0, 0}); // No window for bodies.
            int last = client.request(true, get); // Too fast: the last one of its connection.
            var types = new ArrayList<Integer>();
            for (var frame = client.read(); frame != null; frame = client.read()) {
                if (frame.stream() == last || frame.type() == Http2Client.GOAWAY) {
                    types.add(frame.type());
                }
            }
            assertThat(types)
                    .containsExactly(
                            Http2Client.GOAWAY, Http2Client.HEADERS, Http2Client.RST_STREAM);
        }
    }

    @Test
    void refusedUploadInManyFrames_endsNoOtherStream() {
        try (var door = TestDoor.open(folder);
                var client = door.connectHttp2()) {
            var put = Http2Text.head("PUT /a HTTP/1.1", TestDoor.HOST, "");
            int upload = client.request(false, put);
            var body = new ByteArrayOutputStream();
            for (int i = 0; i < 430; i++) { // Half of it is on its way when the stream is reset.
                body.writeBytes(Http2Client.bytes(Http2Client.DATA, 0, upload, new byte[300]));
            }
            client.raw(body.toByteArray());
            assertThat(client.answer(upload).status()).isEqualTo(401);
            var get = Http2Text.head("GET /a HTTP/1.1", TestDoor.HOST, "");
            assertThat(client.answer(client.request(true, get)).status()).isEqualTo(401);
        }
    }

    @Test
    void bodyOnItsWayToAStreamThatWasReset_leavesTheConnectionsWindowOpen() {
        try (var door = TestDoor.open(folder);
                var client = door.connectHttp2()) {
            var put = Http2Text.head("PUT /a HTTP/1.1", TestDoor.HOST, "content-length: 1\r\n");
            int upload = client.request(false, put);
            client.frame(Http2Client.DATA, 0, upload, new byte[2]); // More than it announced.
            client.await(f -> f.stream() == upload && f.type() == Http2Client.RST_STREAM);
            int granted = 0;
            for (int i = 0; i < 128; i++) { // Twice the window of the connection.
                client.frame(Http2Client.DATA, 0, upload, new byte[PIECE]);
                granted += grantedBeforePing(client, 0);
            }
            assertThat(granted).isGreaterThan(64 * PIECE);
        }
    }

    @Test
    void frameThatDripsInAStream_endsItsSocketWith1008() throws Exception {
        try (var door = TestDoor.open(folder, "limits: { body-idle: 1s, body-rate: 1KiB }")) {
            var cookie = "cookie: " + door.signIn("alice@example.com") + "\r\n";
            door.gateway()
                    .answers((head, gateway) -> {
                        RecordedGateway.openSocket(head, gateway);
                        gateway.getInputStream().transferTo(OutputStream.nullOutputStream());
                        return false;
                    });
            try (var client = door.connectHttp2()) {
                int socket = client.request(false, socket(cookie));
                client.await(f -> f.stream() == socket);
                var head = new byte[] {(byte) 0x81, (byte) 0xFE, -1, -1, 0, 0, 0, 0};
                client.frame(Http2Client.DATA, 0, socket, head);
                var dripping = Thread.ofVirtual().start(() -> drip(client, socket));
                var end = client.await(f -> f.stream() == socket && f.type() == Http2Client.DATA);
                assertThat(end.payload()).startsWith(0x88).contains(0x03, 0xF0);
                dripping.join();
            }
        }
    }

    private static void drip(Http2Client client, int stream) {
        for (int i = 0; i < 20; i++) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            client.frame(Http2Client.DATA, 0, stream, new byte[1]);
        }
    }

    private static List<String> socket(String cookie) {
        var fields = cookie + "origin: https://claw.test\r\nsec-websocket-version: 13\r\n";
        return Http2Text.socket("/", TestDoor.HOST, fields);
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
