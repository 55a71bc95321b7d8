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
    private static final int UNEXPECTED_MESSAGE = 10;
    private static final int DECODE_ERROR = 50;

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

    /** TLS would forgive a warning in front of it, or in its middle. */
    @Test
    void firstRecordThatIsNoWholeClientHello_isTheLast() throws Exception {
        var hello = hello("smtp");
        byte[] warning = {21, 3, 1, 0, 2, 1, 90};
        assertThat(alertOf(Unpooled.wrappedBuffer(Unpooled.copiedBuffer(warning), hello.copy())))
                .isEqualTo(UNEXPECTED_MESSAGE);
        int body = hello.readableBytes() - 5;
        for (int first = 1; first < body; first++) {
            var cut =
                    Unpooled.buffer()
                            .writeBytes(new byte[] {22, 3, 1})
                            .writeShort(first)
                            .writeBytes(hello, 5, first)
                            .writeBytes(warning)
                            .writeBytes(new byte[] {22, 3, 1})
                            .writeShort(body - first)
                            .writeBytes(hello, 5 + first, body - first);
            assertThat(alertOf(cut)).as("%d bytes first", first).isEqualTo(DECODE_ERROR);
        }
        byte[] request = {71, 3, 3, 0, 1, 0}; // As what is no record is handed on.
        assertThat(alertOf(Unpooled.wrappedBuffer(request))).isZero();
        byte[] serverHello = {22, 3, 1, 0, 4, 2, 0, 0, 0};
        assertThat(alertOf(Unpooled.wrappedBuffer(serverHello))).isEqualTo(UNEXPECTED_MESSAGE);
    }

    @Test
    void piecesOfOne_goNoFurther() throws Exception {
        var hello = hello("h2");
        for (int length = 0; length < hello.readableBytes(); length++) {
            assertThat(AlpnGuard.alert(hello.slice(0, length))).isEqualTo(DECODE_ERROR);
        }
    }

    @Test
    void withoutExtensions_goesOn() {
        var old =
                Unpooled.buffer()
                        .writeBytes(new byte[] {22, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3})
                        .writeZero(32)
                        .writeBytes(new byte[] {0, 0, 2, 0x13, 0x01, 1, 0});
        assertThat(goesOn(old)).isTrue();
    }

    /** Whatever it makes of it, it reads nothing behind the end. */
    @Test
    void changedBytes_areReadToTheEndAndNoFurther() throws Exception {
        var hello = hello("smtp");
        var random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            var changed = Unpooled.buffer(hello.readableBytes() + 64).writeBytes(hello.copy());
            for (int k = 0; k < 3; k++) {
                changed.setByte(random.nextInt(changed.readableBytes()), random.nextInt(256));
            }
            int alert = AlpnGuard.alert(changed);
            fill(changed, (byte) 0);
            assertThat(AlpnGuard.alert(changed)).isEqualTo(alert);
            fill(changed, (byte) 16);
            assertThat(AlpnGuard.alert(changed)).isEqualTo(alert);
        }
    }

    /** What is there behind the last byte that came. */
    private static void fill(ByteBuf bytes, byte with) {
        for (int at = bytes.writerIndex(); at < bytes.capacity(); at++) {
            bytes.setByte(at, with);
        }
    }

    private static boolean goesOn(ByteBuf hello) {
        return alertOf(hello) == 0;
    }

    /** Its number; 0 where the bytes went on. */
    private static int alertOf(ByteBuf hello) {
        var channel = new EmbeddedChannel(new AlpnGuard());
        boolean on = channel.writeInbound(hello);
        ByteBuf alert = channel.readOutbound();
        assertThat(alert == null).isEqualTo(on);
        assertThat(channel.isOpen()).isEqualTo(on);
        int number = alert == null ? 0 : alert.getUnsignedByte(6);
        channel.finishAndReleaseAll();
        if (alert != null) {
            alert.release();
        }
        return number;
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
