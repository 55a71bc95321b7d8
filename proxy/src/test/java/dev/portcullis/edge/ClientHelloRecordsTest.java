package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the records of a ClientHello; whether TLS takes it is tested at the door. */
class ClientHelloRecordsTest {
    private static final byte[] HELLO = hello(300);

    private final UnpooledByteBufAllocator allocator = new UnpooledByteBufAllocator(false, true);
    private final ClientHelloRecords records = new ClientHelloRecords();

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 9, 100, 303})
    void manyRecords_becomeOne(int size) {
        var came = add(records(HELLO, size));

        assertThat(came).isEqualTo(records(HELLO, HELLO.length));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 64})
    void manyRecordsInManySegments_becomeOne(int segment) {
        var all = records(HELLO, 3);
        byte[] came = null;
        for (int at = 0; at < all.length; at += segment) {
            assertThat(came).as("before byte " + at).isNull();
            came = add(Arrays.copyOfRange(all, at, Math.min(all.length, at + segment)));
        }

        assertThat(came).isEqualTo(records(HELLO, HELLO.length));
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    @Test
    void oneRecord_isNotWaitedFor() {
        var all = records(HELLO, HELLO.length);

        assertThat(add(Arrays.copyOf(all, 9))).isEqualTo(Arrays.copyOf(all, 9));
        assertThat(add(Arrays.copyOfRange(all, 9, 20))).isEqualTo(Arrays.copyOfRange(all, 9, 20));
    }

    @Test
    void whatFollowsTheMessage_goesOnBehindIt() {
        var more = new byte[] {20, 3, 3, 0, 1, 1};

        var came = add(joined(records(HELLO, 10), more));

        assertThat(came).isEqualTo(joined(records(HELLO, HELLO.length), more));
        assertThat(add(more)).isEqualTo(more);
    }

    @Test
    void whatIsNone_goesOnAsItCame() {
        assertAsItCame(new byte[] {21, 3, 1, 0, 2, 1, 0}); // An alert.
        assertAsItCame(new byte[] {22, 3, 1, 0, 0, 0}); // Of no bytes.
        assertAsItCame(new byte[] {22, 3, 1, 0x40, 1, 1}); // Of too many.
        assertAsItCame(
                "GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertAsItCame(records(new byte[] {2, 0, 0, 1, 0}, 2)); // A ServerHello.
        assertAsItCame(records(new byte[] {1, 0, 0x40, 0, 0}, 2)); // Longer than any is taken.
        var half = records(Arrays.copyOf(HELLO, 200), 100);
        assertAsItCame(joined(half, new byte[] {23, 3, 3, 0, 1, 1}, new byte[20]));
    }

    @Test
    void bytesBehindTheMessageInItsRecord_goOnAsTheyCame() {
        assertAsItCame(records(joined(HELLO, new byte[3]), 100));
    }

    @Test
    void halfAMessage_isGivenBack_whenTheConnectionEnds() {
        assertThat(add(records(Arrays.copyOf(HELLO, 50), 7))).isNull();

        records.close();

        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    private void assertAsItCame(byte[] bytes) {
        var fresh = new ClientHelloRecords();
        assertThat(bytes(fresh.add(allocator, Unpooled.copiedBuffer(bytes)))).isEqualTo(bytes);
        assertThat(allocator.metric().usedHeapMemory()).isZero();
    }

    private byte @Nullable [] add(byte[] bytes) {
        return bytes(records.add(allocator, Unpooled.copiedBuffer(bytes)));
    }

    private static byte @Nullable [] bytes(@Nullable ByteBuf buffer) {
        if (buffer == null) {
            return null;
        }
        var bytes = ByteBufUtil.getBytes(buffer);
        buffer.release();
        return bytes;
    }

    private static byte[] hello(int length) {
        var hello = new byte[4 + length];
        for (int i = 0; i < hello.length; i++) {
            hello[i] = (byte) i;
        }
        hello[0] = 1;
        hello[1] = 0;
        hello[2] = (byte) (length >> 8);
        hello[3] = (byte) length;
        return hello;
    }

    private static byte[] records(byte[] message, int size) {
        var all = Unpooled.buffer();
        for (int at = 0; at < message.length; at += size) {
            int length = Math.min(size, message.length - at);
            all.writeByte(22).writeShort(0x0301).writeShort(length).writeBytes(message, at, length);
        }
        return ByteBufUtil.getBytes(all);
    }

    private static byte[] joined(byte[]... parts) {
        return ByteBufUtil.getBytes(Unpooled.wrappedBuffer(parts));
    }
}
