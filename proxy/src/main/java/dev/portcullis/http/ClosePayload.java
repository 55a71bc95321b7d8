package dev.portcullis.http;

import dev.portcullis.http.FrameScanner.Close;
import dev.portcullis.http.FrameScanner.Violation;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Reads what a close frame says (RFC 6455 §5.5.1): nothing, or a code and a reason in UTF-8. */
final class ClosePayload {
    private static final int NO_CODE = 1005;
    private static final int PROTOCOL_ERROR = 1002;
    private static final int BAD_DATA = 1007;

    /** What reading it came to. */
    sealed interface Read {}

    /** It may pass. */
    record Right(Close close) implements Read {}

    /** It may not. */
    record Wrong(Violation violation) implements Read {}

    private ClosePayload() {}

    /**
     * @param payload all of it: none, or at least two bytes; unmasked in place
     * @param mask 0 for an unmasked frame
     */
    static Read read(byte[] payload, int mask) {
        if (payload.length == 0) {
            return new Right(new Close(NO_CODE, ""));
        }
        for (int i = 0; i < payload.length; i++) {
            payload[i] ^= (byte) (mask >>> (24 - 8 * (i & 3)));
        }
        int code = (payload[0] & 0xFF) << 8 | (payload[1] & 0xFF);
        if (!mayBeSent(code)) {
            return wrong(
                    PROTOCOL_ERROR, "close code " + code + " (expected: one that may be sent)");
        }
        try {
            var reason = ByteBuffer.wrap(payload, 2, payload.length - 2);
            var text = StandardCharsets.UTF_8.newDecoder().decode(reason).toString();
            return new Right(new Close(code, text));
        } catch (CharacterCodingException notUtf8) {
            return wrong(BAD_DATA, "close reason is not UTF-8 (expected: UTF-8)");
        }
    }

    /** §7.4 and the IANA registry: 1004 is undefined; 1005, 1006 and 1015 are never sent. */
    static boolean mayBeSent(int code) {
        return (code >= 1000 && code <= 1003)
                || (code >= 1007 && code <= 1014)
                || (code >= 3000 && code <= 4999);
    }

    private static Read wrong(int closeCode, String reason) {
        return new Wrong(new Violation(closeCode, reason));
    }
}
