package dev.portcullis.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.audit.Reason;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SocketEndTest {
    @ParameterizedTest
    @CsvSource({
        "SESSION_ENDED, 4401, session ended",
        "ACCESS_CHANGED, 4401, session ended",
        "STORE_UNAVAILABLE, 1013, try again later",
        "SHUTTING_DOWN, 1001, proxy stopping",
        "BODY_MALFORMED, 1002, protocol error"
    })
    void reason_hasItsCloseCode(Reason reason, int code, String words) {
        assertThat(SocketEnd.of(reason)).isEqualTo(new SocketEnd(code, words));
    }
}
