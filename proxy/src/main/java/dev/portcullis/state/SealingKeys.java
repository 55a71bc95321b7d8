package dev.portcullis.state;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/**
 * Seals records one by one with AES-256-GCM (NIST SP 800-38D), each bound to where it stands: a
 * record moved to another key or another map does not open. The last key seals, every key opens.
 * Immutable; any thread.
 *
 * <p>A sealed record is: the format 1, the length of the key id, the key id in ASCII, a random
 * nonce of 12 bytes, the ciphertext with its tag of 16. Random nonces allow 2^32 records per key
 * (§8.3).
 */
final class SealingKeys {
    private static final byte FORMAT = 1;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** What is in a sealed record. */
    sealed interface Opened {
        /**
         * Its content.
         *
         * @param bytes read only
         * @param aged whether another key than the sealing one was used: seal it anew
         */
        record Content(ByteBuffer bytes, boolean aged) implements Opened {
            byte[] toArray() {
                return take(bytes.duplicate(), bytes.remaining());
            }
        }

        /**
         * Nothing yet: the key is not ours to know, or not any more.
         *
         * @param keyId which key it is
         */
        record KeyMissing(String keyId) implements Opened {}

        /** Nothing ever: it was changed, moved, or cut off. */
        record Damaged() implements Opened {}
    }

    private final SequencedMap<String, SecretKey> keys;

    /**
     * @param keys id to key, at least one; the last one seals
     */
    SealingKeys(SequencedMap<String, SecretKey> keys) {
        this.keys = new LinkedHashMap<>(keys);
    }

    /**
     * Seals a record.
     *
     * @param map which kind of record it is
     * @param key the record's own key
     */
    byte[] seal(String map, String key, byte[] content) {
        var sealing = keys.lastEntry();
        var id = sealing.getKey().getBytes(StandardCharsets.US_ASCII);
        var nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        var sealed =
                crypt(Cipher.ENCRYPT_MODE, sealing.getValue(), nonce, place(id, map, key), content);
        return ByteBuffer.allocate(2 + id.length + NONCE_BYTES + sealed.length)
                .put(FORMAT)
                .put((byte) id.length)
                .put(id)
                .put(nonce)
                .put(sealed)
                .array();
    }

    /** Opens what {@link #seal} made under the same map and key. */
    Opened open(String map, String key, byte[] sealed) {
        var in = ByteBuffer.wrap(sealed);
        if (in.remaining() < 2 || in.get() != FORMAT) {
            return new Opened.Damaged();
        }
        int idLength = in.get();
        if (idLength < 1 || in.remaining() < idLength + NONCE_BYTES + TAG_BYTES) {
            return new Opened.Damaged();
        }
        var id = take(in, idLength);
        var keyId = new String(id, StandardCharsets.US_ASCII);
        var opening = keys.get(keyId);
        if (opening == null) {
            return new Opened.KeyMissing(keyId);
        }
        var nonce = take(in, NONCE_BYTES);
        try {
            var content =
                    crypt(
                            Cipher.DECRYPT_MODE,
                            opening,
                            nonce,
                            place(id, map, key),
                            take(in, in.remaining()));
            return new Opened.Content(
                    ByteBuffer.wrap(content).asReadOnlyBuffer(),
                    !keyId.equals(keys.lastEntry().getKey()));
        } catch (IllegalArgumentException wrongTag) {
            return new Opened.Damaged();
        }
    }

    /** The ids alone. */
    @Override
    public String toString() {
        return "SealingKeys" + keys.keySet();
    }

    private static byte[] crypt(
            int mode, SecretKey key, byte[] nonce, byte[] place, byte[] content) {
        try {
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(mode, key, new GCMParameterSpec(TAG_BYTES * Byte.SIZE, nonce));
            cipher.updateAAD(place);
            return cipher.doFinal(content);
        } catch (AEADBadTagException wrongTag) {
            throw new IllegalArgumentException("the record does not open", wrongTag);
        } catch (GeneralSecurityException everyPlatformHasIt) {
            throw new IllegalStateException(everyPlatformHasIt);
        }
    }

    /** Associated data, each part with its length: no two places read alike. */
    private static byte[] place(byte[] keyId, String map, String key) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            for (var part :
                    new byte[][] {
                        keyId,
                        map.getBytes(StandardCharsets.UTF_8),
                        key.getBytes(StandardCharsets.UTF_8)
                    }) {
                out.writeInt(part.length);
                out.write(part);
            }
        } catch (IOException cannotHappen) {
            throw new UncheckedIOException(cannotHappen);
        }
        return bytes.toByteArray();
    }

    static byte[] take(ByteBuffer in, int count) {
        var bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }
}
