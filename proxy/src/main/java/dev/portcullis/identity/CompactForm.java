package dev.portcullis.identity;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The three parts of a signed token as text (RFC 7515 §7.1), checked character by character before
 * anything is decoded: libraries skip foreign characters and forgive padding, so that one signature
 * would have many spellings.
 */
record CompactForm(String header, String payload, String signature) {
    /** Longest token accepted, in characters: as much as a whole request head. */
    static final int CHARACTERS_MAX = 16 * 1024;

    private static final int PARTS = 3;
    private static final byte[] SIX_BITS = sixBits();

    /** The flaw in the text's form, or null if it has none. */
    static @Nullable TokenFlaw flawIn(String text) {
        if (text.length() > CHARACTERS_MAX) {
            return TokenFlaw.TOO_LONG;
        }
        int parts = 1;
        int start = 0;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '.') {
                parts++;
            } else if (c >= SIX_BITS.length || SIX_BITS[c] < 0) {
                return TokenFlaw.ALPHABET;
            }
        }
        if (parts != PARTS) {
            return TokenFlaw.NOT_THREE_PARTS;
        }
        for (int part = 0; part < PARTS; part++) {
            int end = part == PARTS - 1 ? text.length() : text.indexOf('.', start);
            if (!isCanonical(text, start, end)) {
                return end == start ? TokenFlaw.NOT_THREE_PARTS : TokenFlaw.NOT_CANONICAL;
            }
            start = end + 1;
        }
        return null;
    }

    /** The parts of a text that {@link #flawIn} found nothing wrong with. */
    static CompactForm of(String text) {
        int first = text.indexOf('.');
        int second = text.indexOf('.', first + 1);
        return new CompactForm(
                text.substring(0, first),
                text.substring(first + 1, second),
                text.substring(second + 1));
    }

    byte[] headerBytes() {
        return Base64.getUrlDecoder().decode(header);
    }

    byte[] payloadBytes() {
        return Base64.getUrlDecoder().decode(payload);
    }

    byte[] signatureBytes() {
        return Base64.getUrlDecoder().decode(signature);
    }

    /** What is signed (RFC 7515 §5.1 step 5). */
    byte[] signedBytes() {
        return (header + '.' + payload).getBytes(StandardCharsets.US_ASCII);
    }

    /** Whether no other text decodes to the same bytes: the last character's spare bits are 0. */
    private static boolean isCanonical(String text, int start, int end) {
        int length = end - start;
        if (length == 0) {
            return false;
        }
        int spare =
                switch (length % 4) {
                    case 0 -> 0;
                    case 2 -> 0b1111;
                    case 3 -> 0b11;
                    default -> -1; // A lone character is six bits of nothing.
                };
        return spare >= 0 && (SIX_BITS[text.charAt(end - 1)] & spare) == 0;
    }

    private static byte[] sixBits() {
        var alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        var table = new byte[128];
        Arrays.fill(table, (byte) -1);
        for (int i = 0; i < alphabet.length(); i++) {
            table[alphabet.charAt(i)] = (byte) i;
        }
        return table;
    }

    /** Nothing of the token. */
    @Override
    public String toString() {
        return "CompactForm[" + payload.length() + " characters of payload]";
    }
}
