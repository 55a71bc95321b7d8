package dev.portcullis.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.http.FrameScanner.Close;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ControlFramesTest {
    @Test
    void unmaskedFrames_areTheseBytes() {
        var out = Unpooled.buffer();
        ControlFrames.ping(out, Masking.UNMASKED);
        ControlFrames.pong(out, Masking.UNMASKED);
        ControlFrames.close(out, Masking.UNMASKED, 1012, "up");
        ControlFrames.close(out, Masking.UNMASKED, 1005, "not written");
        assertThat(ByteBufUtil.hexDump(out)).isEqualTo("8900" + "8a00" + "880403f47570" + "8800");
    }

    @ParameterizedTest
    @EnumSource(Masking.class)
    void everyFrame_passesTheScannerOfItsDirection(Masking masking) {
        var out = Unpooled.buffer();
        ControlFrames.ping(out, masking);
        ControlFrames.pong(out, masking);
        ControlFrames.close(out, masking, 4401, "sign in again");
        var scanner = new FrameScanner(masking, 0, 0);
        assertThat(scanner.scan(out, false)).isEqualTo(out.readableBytes());
        assertThat(scanner.close()).isEqualTo(new Close(4401, "sign in again"));
        assertThat(scanner.frames()).isEqualTo(3);
    }

    @Test
    void masks_areDrawnAnew() {
        var out = Unpooled.buffer();
        ControlFrames.ping(out, Masking.MASKED);
        ControlFrames.ping(out, Masking.MASKED);
        ControlFrames.ping(out, Masking.MASKED);
        assertThat(out.getInt(2) == out.getInt(8) && out.getInt(8) == out.getInt(14)).isFalse();
    }

    @Test
    void longReason_isCutBetweenCharacters() {
        var out = Unpooled.buffer();
        ControlFrames.close(out, Masking.UNMASKED, 1000, "a" + "€".repeat(60));
        var scanner = FrameScanner.ofGateway();
        assertThat(out.readableBytes()).isLessThanOrEqualTo(ControlFrames.BYTES_MAX);
        scanner.scan(out, false);
        assertThat(scanner.close()).isEqualTo(new Close(1000, "a" + "€".repeat(40)));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 999, 1004, 1006, 1015, 2999, 5000, 65_536})
    void codeThatIsNeverSent_isOurOwnMistake(int code) {
        assertThatThrownBy(() -> ControlFrames.close(Unpooled.buffer(), Masking.UNMASKED, code, ""))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(String.valueOf(code));
    }
}
