package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsRecordCountTest {
    private static final byte[] FOUR = {
        22, 3, 1, 0, 2, 22, 22, // Bytes that look like the next one's.
        21, 3, 1, 0, 0, // Of nothing.
        23, 3, 3, 0, 17, 22, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // Application data.
        23, 3, 3, 0, 16, 22, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, // Too short for it.
        20, 3, 3, 1, 0
    };

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 50, 311})
    void recordsAreCounted_whereverTheyAreCut(int size) {
        var bytes = Arrays.copyOf(FOUR, FOUR.length + 256); // The fourth one's.
        var records = new TlsRecordCount();
        int count = 0;
        for (int at = 0; at < bytes.length; at += size) {
            var piece = Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + size));
            count = records.add(Unpooled.wrappedBuffer(piece));
        }

        assertThat(count).isEqualTo(4);
        assertThat(records.add(Unpooled.wrappedBuffer(FOUR))).isEqualTo(8);
    }
}
