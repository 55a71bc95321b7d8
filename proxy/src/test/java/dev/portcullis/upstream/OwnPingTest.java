package dev.portcullis.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.http.FrameScanner;
import dev.portcullis.http.Masking;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class OwnPingTest {
    private final FrameScanner scanner = FrameScanner.ofGateway();
    private final OwnPing ping = new OwnPing(scanner, Masking.UNMASKED);
    private final ByteBuf passed = Unpooled.buffer();

    @Test
    void halfAPongWhoseTimeIsOver_isNotLost() {
        ping.frame(ByteBufAllocator.DEFAULT).release();
        come(0x8A, 2, 'a');
        assertThat(ping.isMidFrame()).isTrue();
        ping.forgetAfter(Duration.ZERO);
        come('b');
        assertThat(passed.readableBytes()).isEqualTo(4);
        assertThat(ping.isMidFrame()).isFalse();
        assertThat(scanner.violation()).isNull();
    }

    private void come(int... octets) {
        var bytes = Unpooled.buffer();
        for (int octet : octets) {
            bytes.writeByte(octet);
        }
        ping.heard();
        ping.filter(
                bytes,
                piece -> {
                    scanner.scan(piece, false);
                    passed.writeBytes(piece);
                    piece.release();
                });
    }
}
