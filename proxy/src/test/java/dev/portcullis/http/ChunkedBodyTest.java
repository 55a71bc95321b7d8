package dev.portcullis.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.audit.Reason;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ChunkedBodyTest {
    @Test
    void crumbsOfAClient_areRefusedBeyondAThousand() {
        var body = ChunkedBody.ofClient();
        read(body, "1\r\na\r\n".repeat(1_024));
        assertThat(body.refused()).isNull();
        read(body, "1\r\na\r\n");
        assertThat(body.refused()).isEqualTo(Reason.BODY_MALFORMED);
    }

    @Test
    void smallChunksOfAClient_passWhileTheyAreNoCrumbs() {
        var body = ChunkedBody.ofClient();
        read(body, "10\r\n0123456789abcdef\r\n".repeat(100_000) + "0\r\n\r\n");
        assertThat(body.done()).isTrue();
    }

    @Test
    void crumbsOfTheGateway_pass() {
        var body = ChunkedBody.ofGateway();
        read(body, "1\r\na\r\n".repeat(100_000) + "0\r\n\r\n");
        assertThat(body.done()).isTrue();
    }

    private static void read(ChunkedBody body, String text) {
        var in = Unpooled.wrappedBuffer(text.getBytes(StandardCharsets.US_ASCII));
        for (var piece = body.next(in); piece != null; piece = body.next(in)) {
            piece.release();
        }
    }
}
