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

    /** The first frame ends the socket, and nobody would let go of the half pong behind it. */
    @Test
    void halfAPongBehindTheEnd_isNotKept() {
        ping.frame(ByteBufAllocator.DEFAULT).release();
        var bytes = Unpooled.buffer().writeBytes(new byte[] {(byte) 0x81, 0, (byte) 0x8A});
        ping.heard();
        ping.filter(
                bytes,
                piece -> {
                    scanner.scan(piece, false);
                    ping.release();
                    piece.release();
                });
        assertThat(bytes.refCnt()).isZero();
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
