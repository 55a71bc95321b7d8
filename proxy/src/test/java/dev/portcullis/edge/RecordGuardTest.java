package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.testing.LeakCheck;
import dev.portcullis.testing.RefusingAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class RecordGuardTest {
    private static final byte[] RECORDS = records(1, 300, 0, 16_384, 7, 16_640);

    private final EmbeddedChannel channel = new EmbeddedChannel(new RecordGuard());

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 100, 1_000, 16_645, 20_000, 65_536})
    void recordsCutAnywhere_goOnWhole(int size) {
        var came = new ByteArrayOutputStream();
        for (int at = 0; at < RECORDS.length; at += size) {
            send(Arrays.copyOfRange(RECORDS, at, Math.min(RECORDS.length, at + size)));
            for (var piece : received()) {
                assertThat(isWhole(piece)).as("whole records").isTrue();
                came.writeBytes(piece);
            }
        }
        assertThat(came.toByteArray()).isEqualTo(RECORDS);
    }

    /** TLS would wait for the rest of it, and take memory for all that it announces. */
    @ParameterizedTest
    @ValueSource(ints = {1, 3, 4, 5, 6, 100})
    void whatIsNoRecord_goesOnAsFarAsTlsNeeds_andEndsTheConnection(int size) {
        byte[] others = {71, 3, 3, 0, 1, 0};
        assertThat(ofWhatCame(size, text("GET / HTTP/1.1\r\n"))).isEqualTo(others);
        assertThat(ofWhatCame(size, text("PRI * HTTP/2.0\r\n")))
                .isEqualTo(new byte[] {80, 3, 3, 0, 1, 0});
        assertThat(ofWhatCame(size, new byte[] {24, 3, 3, 0x40, 0, 1, 2, 3}))
                .isEqualTo(new byte[] {24, 3, 3, 0, 1, 0});
        assertThat(ofWhatCame(size, new byte[] {-128, 46, 1, 3, 3, 0, 21, 0, 0, 0, 32}))
                .isEqualTo(new byte[] {-128, 3, 3, 0, 1, 0});
        assertThat(ofWhatCame(size, new byte[] {22, 1, 1, 1, 0, 9, 9, 9}))
                .isEqualTo(new byte[] {22, 1, 1, 1, 0});
        assertThat(ofWhatCame(size, new byte[] {23, 3, 3, 0x7F, -1, 1, 1}))
                .isEqualTo(new byte[] {23, 3, 3, 0x7F, -1});
    }

    @Test
    void recordsInFrontOfWhatIsNone_goOn() {
        byte[] record = {22, 3, 1, 0, 1, 9};
        byte[] wrong = {0, 3, 1, 0, 1, 9};
        send(join(record, wrong));
        assertThat(received()).containsExactly(record, new byte[] {0, 3, 3, 0, 1, 0});
        assertThat(channel.isOpen()).isFalse();
    }

    /** What a guard of its own passes of it, in pieces of that size. */
    private static byte[] ofWhatCame(int size, byte[] bytes) {
        var one = new EmbeddedChannel(new RecordGuard());
        var passed = new ByteArrayOutputStream();
        for (int at = 0; at < bytes.length && one.isOpen(); at += size) {
            var piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size));
            one.writeInbound(one.alloc().buffer().writeBytes(piece));
            received(one).forEach(passed::writeBytes);
        }
        assertThat(one.isOpen()).isFalse();
        one.finishAndReleaseAll();
        return passed.toByteArray();
    }

    private static byte[] text(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] join(byte[] one, byte[] other) {
        var both = Arrays.copyOf(one, one.length + other.length);
        System.arraycopy(other, 0, both, one.length, other.length);
        return both;
    }

    @Test
    void memoryThatIsRefused_keepsNothingOfWhatCame() {
        var bytes = channel.alloc().buffer().writeBytes(new byte[] {23, 3, 3, 0, 9, 1});
        channel.config().setAllocator(new RefusingAllocator());
        assertThatThrownBy(() -> channel.writeInbound(bytes))
                .isInstanceOf(RefusingAllocator.Refused.class);
        assertThat(bytes.refCnt()).isZero();
    }

    private static byte[] records(int... lengths) {
        var bytes = new ByteArrayOutputStream();
        for (int length : lengths) {
            bytes.writeBytes(new byte[] {23, 3, 3, (byte) (length >> 8), (byte) length});
            for (int i = 0; i < length; i++) {
                bytes.write(20 + i % 4); // Like the head of another one.
            }
        }
        return bytes.toByteArray();
    }

    private static boolean isWhole(byte[] piece) {
        int at = 0;
        while (at + 5 <= piece.length) {
            at += 5 + ((piece[at + 3] & 0xFF) << 8 | (piece[at + 4] & 0xFF));
        }
        return at == piece.length;
    }

    private void send(byte[] bytes) {
        channel.writeInbound(channel.alloc().buffer().writeBytes(bytes));
    }

    private List<byte[]> received() {
        return received(channel);
    }

    private static List<byte[]> received(EmbeddedChannel channel) {
        var pieces = new ArrayList<byte[]>();
        for (ByteBuf next = channel.readInbound(); next != null; next = channel.readInbound()) {
            var bytes = new byte[next.readableBytes()];
            next.readBytes(bytes).release();
            pieces.add(bytes);
        }
        return pieces;
    }
}
