package dev.portcullis.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.audit.Reason;
import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.Refusal;
import dev.portcullis.http.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Chunked bodies against the limit of a body. */
class Http1RequestReaderTest {
    private static final int BODY_MAX = 20;
    private static final String HEAD =
            "POST /a HTTP/1.1\r\nHost: claw.test\r\nTransfer-Encoding: chunked\r\n\r\n";
    private static final Refusal TOO_LARGE = new Refusal(413, Reason.BODY_TOO_LARGE);
    private static final Refusal MALFORMED = Refusal.bad(Reason.BODY_MALFORMED);

    private final Http1RequestReader reader = new Http1RequestReader(8192, 64, BODY_MAX);

    @ParameterizedTest
    @CsvSource({
        "'', 15", // 21 in hexadecimal
        "'', fffffffffffffff", // fifteen digits, the most that are read
        "'14|01234567890123456789|', 1",
        "'a|0123456789|5|01234|', 6",
    })
    void chunkThatTheLimitHasNoRoomFor_isRefusedWhenItIsAnnounced(String before, String size) {
        assertThat(read(HEAD + lines(before) + size + "\r")).doesNotContain(TOO_LARGE);
        assertThat(read("\n")).containsExactly(TOO_LARGE);
        assertThat(read("x")).isEmpty();
        reader.release();
    }

    @Test
    void firstBytesOfSuchAChunk_areNotPassedOn() {
        assertThat(read(HEAD + "15\r\nabc")).hasSize(2).last().isEqualTo(TOO_LARGE);
        reader.release();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"14|01234567890123456789|0||", "0000000000014|01234567890123456789|0||"})
    void chunkThatFitsExactly_passes(String body) {
        assertThat(read(HEAD + lines(body))).contains("01234567890123456789", BodyEnd.END);
        assertThat(reader.isComplete()).isTrue();
        reader.release();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ffffffffffffffff", "0000000000000001", "15;a=b", "-1", "15 "})
    void sizeThatIsNone_isMalformedAsEver(String size) {
        assertThat(read(HEAD + size + "\r\n")).contains(MALFORMED).doesNotContain(TOO_LARGE);
        reader.release();
    }

    private List<Object> read(String text) {
        var allocator = UnpooledByteBufAllocator.DEFAULT;
        var bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        reader.offer(allocator, allocator.buffer(bytes.length).writeBytes(bytes));
        var messages = new ArrayList<Object>();
        for (Object message; (message = reader.poll()) != null; ) {
            switch (message) {
                case ByteBuf piece -> {
                    messages.add(piece.toString(StandardCharsets.ISO_8859_1));
                    piece.release();
                }
                case RequestHead head -> messages.add(head.method());
                default -> messages.add(message);
            }
        }
        return messages;
    }

    private static String lines(String text) {
        return text.replace("|", "\r\n");
    }
}
