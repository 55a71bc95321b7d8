package dev.portcullis.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every limit has its range, and what does not lie in it stops the start. */
class LimitRefusalsTest {
    @TempDir Path temp;
    private ConfigFolder files;

    @BeforeEach
    void folder() {
        files = new ConfigFolder(temp);
    }

    @Test
    void http2ConnectionWindow_mustHoldTwoStreams() {
        var limits = "limits: { http2-window: 1MiB, http2-connection-window: 1MiB }";
        assertThat(files.problems(ConfigFolder.SMALLEST + limits))
                .singleElement()
                .asString()
                .contains("limits.http2-connection-window", "twice http2-window");
        var twice = "limits: { http2-window: 512KiB, http2-connection-window: 1MiB }";
        assertThat(files.problems(ConfigFolder.SMALLEST + twice)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "head",
                "fields",
                "body",
                "head-time",
                "body-idle",
                "body-rate",
                "answer-time",
                "answer-idle",
                "keep-alive",
                "handshake-time",
                "client-hello",
                "handshakes",
                "unproven-time",
                "connections",
                "connections-per-address",
                "http2-streams",
                "http2-window",
                "http2-connection-window",
                "http2-resets",
                "http2-control-frames",
                "requests-per-user",
                "sockets-per-user",
                "socket-idle",
                "socket-pong-time",
                "socket-buffer",
                "memory",
                "gateway-connect-time",
                "gateway-connections",
                "sessions",
                "sign-ins",
                "sign-in-time",
                "remembered-ids",
                "store-time",
                "store-grace",
                "audit-queue",
                "provider-time",
                "provider-answer",
                "refresh-grace",
                "drain-jitter",
                "drain-grace"
            })
    void limit_isRefusedOutOfRangeAndWithoutSense(String key) {
        for (var value : List.of("-1", "1x", "99999999999999d", "9999TiB", "99999999999")) {
            assertThat(
                            files.problems(
                                    ConfigFolder.SMALLEST
                                            + "limits: { "
                                            + key
                                            + ": "
                                            + value
                                            + " }"))
                    .singleElement()
                    .asString()
                    .contains(
                            "limits." + key + ": found " + value + " (expected: a ",
                            " from ",
                            " to ");
        }
    }
}
