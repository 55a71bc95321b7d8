package dev.portcullis.runtime;

import io.netty.util.concurrent.FastThreadLocal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * SHA-256 (FIPS 180-4). Keeps one digest for each thread: to look for it costs as much as to hash a
 * short text. Any thread.
 */
public final class Sha256 {
    private static final FastThreadLocal<MessageDigest> DIGEST =
            new FastThreadLocal<>() {
                @Override
                protected MessageDigest initialValue() throws NoSuchAlgorithmException {
                    return MessageDigest.getInstance("SHA-256"); // Every Java has it.
                }
            };

    private Sha256() {}

    /** The 32 bytes. */
    public static byte[] of(byte[] bytes) {
        return DIGEST.get().digest(bytes);
    }

    /** Of the text in UTF-8. */
    public static byte[] of(String text) {
        return of(text.getBytes(StandardCharsets.UTF_8));
    }
}
