package dev.portcullis;

import static dev.portcullis.testing.Http2Client.DATA;
import static dev.portcullis.testing.Http2Client.HEADERS;
import static dev.portcullis.testing.Http2Client.PING;
import static dev.portcullis.testing.Http2Client.SETTINGS;
import static dev.portcullis.testing.Http2Client.bytes;
import static dev.portcullis.testing.Http2Frames.all;
import static dev.portcullis.testing.Http2Frames.headers;
import static dev.portcullis.testing.Http2Frames.parameter;
import static dev.portcullis.testing.Http2Frames.setting;
import static dev.portcullis.testing.Http2Frames.window;
import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.Http2Client;
import dev.portcullis.testing.Http2Text;
import dev.portcullis.testing.RecordedGateway;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The windows that a client opens for answers, which are small here (RFC 9113 §6.9). */
class Http2WindowTest {
    /** SETTINGS_INITIAL_WINDOW_SIZE. */
    private static final int INITIAL = 4;

    @TempDir static Path folder;
    private static TestDoor door;
    private static byte[] get;

    @BeforeAll
    static void open() {
        door = TestDoor.open(folder);
        door.gateway()
                .answers((_, gateway) -> {
                    RecordedGateway.send(
                            gateway, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nabcdef");
                    return true;
                });
        var alice = "cookie: " + door.signIn("alice@example.com");
        get = Http2Client.block(Http2Text.head("GET /a HTTP/1.1", TestDoor.HOST, alice));
    }

    @AfterAll
    static void close() {
        door.close();
    }

    @Test
    void windowOfOneByte_getsOneByte() {
        try (var client = door.connectHttp2()) {
            client.raw(all(setting(INITIAL, 1), headers(1, true, get)));
            assertThat(nextData(client)).isEqualTo("a");
        }
    }

    @Test
    void settingSaidTwice_isTheLast() {
        try (var client = door.connectHttp2()) {
            var twice = all(parameter(INITIAL, 100), parameter(INITIAL, 1));
            client.raw(all(bytes(SETTINGS, 0, 0, twice), headers(1, true, get)));
            assertThat(nextData(client)).isEqualTo("a");
        }
    }

    @Test
    void windowOpenedLater_isOpenedForWhatWaits() {
        try (var client = door.connectHttp2()) {
            client.raw(all(setting(INITIAL, 0), headers(1, true, get)));
            assertThat(client.await(f -> f.type() == HEADERS)).isNotNull();
            client.raw(setting(INITIAL, 1));
            assertThat(nextData(client)).isEqualTo("a");
            client.raw(window(1, 2));
            assertThat(nextData(client)).isEqualTo("bc");
        }
    }

    @Test
    void windowBelowZero_isOwedFirst() {
        try (var client = door.connectHttp2()) {
            client.raw(all(setting(INITIAL, 3), headers(1, true, get)));
            assertThat(nextData(client)).isEqualTo("abc");
            client.raw(all(setting(INITIAL, 1), window(1, 2))); // -2, and then 0.
            client.frame(PING, 0, 0, new byte[8]);
            assertThat(client.await(f -> f.type() == PING || f.type() == DATA).type())
                    .isEqualTo(PING);
            client.raw(window(1, 1));
            assertThat(nextData(client)).isEqualTo("d");
        }
    }

    private static String nextData(Http2Client client) {
        var data = client.await(f -> f.type() == DATA);
        return new String(data.payload(), java.nio.charset.StandardCharsets.US_ASCII);
    }
}
