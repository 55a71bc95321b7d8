package dev.portcullis.e2e;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Many bytes that nobody holds all at once: made from a seed while they are written, hashed while
 * they are read.
 */
final class Payload {
    static final int MIB = 1 << 20;

    private static final int PIECE = 64 * 1024;

    private Payload() {}

    /**
     * Writes bytes and hashes them.
     *
     * @param mask as on a WebSocket; empty for none
     * @param written counts as it goes
     * @return SHA-256 of what was meant, in hex
     */
    static String write(OutputStream out, long seed, long length, byte[] mask, AtomicLong written)
            throws IOException {
        var random = new SplittableRandom(seed);
        var digest = sha256();
        var piece = new byte[PIECE];
        for (long at = 0; at < length; at += PIECE) {
            int size = (int) Math.min(PIECE, length - at);
            random.nextBytes(piece);
            digest.update(piece, 0, size);
            Frames.mask(piece, size, at, mask);
            out.write(piece, 0, size);
            written.addAndGet(size);
        }
        out.flush();
        return HexFormat.of().formatHex(digest.digest());
    }

    /**
     * Reads bytes and hashes them.
     *
     * @param mask as on a WebSocket; empty for none
     * @return SHA-256, in hex
     */
    static String read(InputStream in, long length, byte[] mask) throws IOException {
        var digest = sha256();
        var piece = new byte[PIECE];
        long at = 0;
        while (at < length) {
            int n = in.read(piece, 0, (int) Math.min(PIECE, length - at));
            if (n < 0) {
                throw new EOFException(at + " bytes (expected: " + length + ")");
            }
            Frames.mask(piece, n, at, mask);
            digest.update(piece, 0, n);
            at += n;
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (GeneralSecurityException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }
}
