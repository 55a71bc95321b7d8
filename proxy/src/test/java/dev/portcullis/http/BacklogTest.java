package dev.portcullis.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.LeakCheck;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class BacklogTest {
    private final ByteBufAllocator allocator = PooledByteBufAllocator.DEFAULT;
    private final Backlog backlog = new Backlog();

    @AfterEach
    void release() {
        backlog.release();
    }

    @Test
    void aLittleThatIsLeft_keepsNoMoreThanItself() {
        var read = read(16_000, "left");
        backlog.settle(allocator);
        assertThat(read.refCnt()).isZero();
        assertThat(backlog.bytes().toString(StandardCharsets.US_ASCII)).isEqualTo("left");
        assertThat(backlog.bytes().capacity()).isLessThanOrEqualTo(16);
    }

    @Test
    void muchThatIsLeft_isNotCopied() {
        var read = read(100, "x".repeat(10_000));
        backlog.settle(allocator);
        assertThat(backlog.bytes()).isSameAs(read);
    }

    @Test
    void nothing_isLeftAsItIs() {
        backlog.settle(allocator);
        assertThat(backlog.isEmpty()).isTrue();
    }

    /** So many bytes that were read, and these. */
    private ByteBuf read(int before, String left) {
        var read = allocator.buffer(16 * 1024).writeZero(before);
        read.writeCharSequence(left, StandardCharsets.US_ASCII);
        backlog.add(allocator, read.skipBytes(before));
        return read;
    }
}
