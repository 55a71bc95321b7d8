package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.metrics.Meters;
import dev.portcullis.testing.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import java.security.NoSuchAlgorithmException;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class HandshakeGuardTest {
    private static final int READ_BUFFER = 16 * 1024;

    private final Meters meters = new Meters("test");
    private EmbeddedChannel channel;

    @BeforeEach
    void open() throws NoSuchAlgorithmException {
        var engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(false);
        var tls = new SslHandler(engine);
        var underWay = new HandshakesUnderWay(1, 1, meters);
        channel =
                new EmbeddedChannel(
                        new HandshakeGuard(LimitsConfig.DEFAULTS, meters, underWay, tls),
                        new RecordGuard(),
                        tls);
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        meters.close();
    }

    /** TLS waits for its end, and would keep all the memory that was read into. */
    @Test
    void halfARecord_keepsNoReadBuffer() {
        var head = read(22, 3, 1, 2, 0, 1, 0, 1, 0xFC); // A ClientHello of 508 bytes, in one.
        var more = read(new int[300]);

        assertThat(head.refCnt()).isZero();
        assertThat(more.refCnt()).isZero();
    }

    /** The message itself is in many records, and so is put together first. */
    @Test
    void halfAMessage_keepsNoReadBuffer() {
        var first = read(22, 3, 1, 0, 4, 1, 0, 1, 0xFC);

        assertThat(first.refCnt()).isZero();
    }

    /** TLS keeps them until they are a message, certificates say, and tells nobody. */
    @Test
    void whatComesBehindTheHello_counts() throws NoSuchAlgorithmException {
        var tls = new SslHandler(SSLContext.getDefault().createSSLEngine());
        var handshakes = new HandshakesUnderWay(1, 1, meters);
        var alone = new EmbeddedChannel();
        new HalfReceived(10_000, 1, meters).begin(alone);
        var limits = LimitsConfig.DEFAULTS;
        alone.pipeline().addLast(new HandshakeGuard(limits, meters, handshakes, tls));
        byte[] hello = {22, 3, 1, 0, 5, 1, 0, 0, 1, 9};
        alone.writeInbound(Unpooled.wrappedBuffer(hello));
        byte[] record = {23, 3, 3, 0x28, 0};
        alone.writeInbound(Unpooled.wrappedBuffer(record, new byte[9_000 - record.length]));
        alone.writeInbound(Unpooled.wrappedBuffer(new byte[1_000]));
        assertThat(alone.isOpen()).isTrue();
        alone.writeInbound(Unpooled.wrappedBuffer(new byte[1]));
        assertThat(alone.isOpen()).isFalse();
        alone.finishAndReleaseAll();
    }

    private ByteBuf read(int... bytes) {
        var buffer = channel.alloc().directBuffer(READ_BUFFER);
        for (int one : bytes) {
            buffer.writeByte(one);
        }
        channel.writeInbound(buffer);
        return buffer;
    }
}
