package dev.portcullis.http;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.concurrent.ThreadLocalRandom;

/** The keys of a WebSocket handshake, as either side of it needs them (RFC 6455 §4). */
public final class WebSocketHandshake {
    /** The only version there is (RFC 6455 §4.1). */
    public static final String VERSION = "13";

    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final int KEY_BYTES = 16;

    private WebSocketHandshake() {}

    /** Whether it is 16 bytes in canonical base64: 24 characters that decode and encode back. */
    public static boolean isKey(String key) {
        if (key.length() != 24) {
            return false;
        }
        try {
            var bytes = Base64.getDecoder().decode(key);
            return bytes.length == KEY_BYTES
                    && Base64.getEncoder().encodeToString(bytes).equals(key);
        } catch (IllegalArgumentException notBase64) {
            return false;
        }
    }

    /** A key of our own. Needs no secrecy: it only proves that the peer speaks WebSocket. */
    public static String newKey() {
        var bytes = new byte[KEY_BYTES];
        ThreadLocalRandom.current().nextBytes(bytes);
        return Base64.getEncoder().encodeToString(bytes);
    }

    /** What must come back in {@code Sec-WebSocket-Accept} for that key (RFC 6455 §4.2.2). */
    public static String accept(String key) {
        try {
            var sha1 = MessageDigest.getInstance("SHA-1");
            var digest = sha1.digest((key + GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException impossible) {
            throw new AssertionError("every JDK has SHA-1", impossible);
        }
    }
}
