package dev.portcullis.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Latin1BufferTest {
    private static String text(Latin1Buffer buffer) {
        return new String(buffer.array(), 0, buffer.length(), StandardCharsets.ISO_8859_1);
    }

    /** U+010A without its high byte is a line feed: it must not come out as one. */
    @Test
    void add_neverMakesAnotherCharacterOfOneThatDoesNotFit() {
        var buffer = new Latin1Buffer(1).add("a\u010Ab\u00FF");
        assertThat(text(buffer)).isEqualTo("a?b\u00FF");
    }

    @Test
    void add_growsAsNeeded_andClearForgets() {
        var buffer = new Latin1Buffer(1);
        buffer.add("x").addAscii("yz").add('!').add(new byte[] {'1', '2'});
        assertThat(text(buffer)).isEqualTo("xyz!12");
        assertThat(text(buffer.clear().add("n"))).isEqualTo("n");
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 9, 10, 99, 100, 200, 1_048_576, Long.MAX_VALUE})
    void addDecimal_isTheNumber(long number) {
        assertThat(text(new Latin1Buffer(1).addDecimal(number))).isEqualTo(Long.toString(number));
    }

    @Test
    void toBuffer_leavesTheRoomAskedFor() {
        var out = new Latin1Buffer(8).add("head").toBuffer(UnpooledByteBufAllocator.DEFAULT, 10);
        assertThat(out.toString(StandardCharsets.ISO_8859_1)).isEqualTo("head");
        assertThat(out.maxFastWritableBytes()).isGreaterThanOrEqualTo(10);
        out.release();
    }
}
