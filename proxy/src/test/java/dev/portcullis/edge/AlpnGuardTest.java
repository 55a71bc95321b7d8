package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.RawClient;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which ClientHellos go no further; the JDK's client makes them. */
class AlpnGuardTest {
    @Test
    void offerOfOthersAlone_isAnsweredWithAnAlert() throws Exception {
        var channel = new EmbeddedChannel(new AlpnGuard());
        assertThat(channel.writeInbound(hello("smtp", "imap"))).isFalse();
        ByteBuf alert = channel.readOutbound();
        assertThat(alert).isEqualTo(Unpooled.wrappedBuffer(new byte[] {21, 3, 3, 0, 2, 2, 120}));
        assertThat(channel.isOpen()).isFalse();
        alert.release();
    }

    @Test
    void offerWithOneOfOurs_orNone_goesOn() throws Exception {
        assertThat(goesOn(hello("h2"))).isTrue();
        assertThat(goesOn(hello("http/1.1"))).isTrue();
        assertThat(goesOn(hello("smtp", "http/1.1"))).isTrue();
        assertThat(goesOn(hello())).isTrue();
    }

    @Test
    void likeOneOfOurs_isNone() throws Exception {
        assertThat(goesOn(hello("h"))).isFalse();
        assertThat(goesOn(hello("h2c"))).isFalse();
        assertThat(goesOn(hello("http/1.0"))).isFalse();
        assertThat(goesOn(hello("HTTP/1.1"))).isFalse();
    }

    /** Whatever it makes of it, it reads nothing that is not there, and TLS judges the rest. */
    @Test
    void piecesAndChangedBytes_doNoHarm() throws Exception {
        var hello = hello("smtp");
        for (int length = 0; length < hello.readableBytes(); length++) {
            AlpnGuard.offersOnlyOthers(hello.slice(0, length));
        }
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            var changed = Unpooled.copiedBuffer(hello);
            for (int k = 0; k < 3; k++) {
                changed.setByte(random.nextInt(changed.readableBytes()), random.nextInt(256));
            }
            AlpnGuard.offersOnlyOthers(changed);
        }
        var request = "GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        assertThat(goesOn(Unpooled.wrappedBuffer(request))).isTrue();
    }

    private static boolean goesOn(ByteBuf hello) {
        var channel = new EmbeddedChannel(new AlpnGuard());
        boolean on = channel.writeInbound(hello);
        channel.finishAndReleaseAll();
        return on;
    }

    private static ByteBuf hello(String... protocols) throws Exception {
        var engine = RawClient.trusting(null).createSSLEngine("claw.test", 443);
        engine.setUseClientMode(true);
        var parameters = engine.getSSLParameters();
        parameters.setApplicationProtocols(protocols);
        engine.setSSLParameters(parameters);
        var out = ByteBuffer.allocate(32 * 1024);
        engine.wrap(ByteBuffer.allocate(0), out);
        return Unpooled.copiedBuffer(out.flip());
    }
}
