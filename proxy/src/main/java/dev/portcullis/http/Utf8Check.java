package dev.portcullis.http;

/**
 * Tells byte by byte whether they are UTF-8 (RFC 3629 §4): no overlong forms, no surrogates,
 * nothing above U+10FFFF. Says no at the first byte after which nothing could make it right. One
 * per text.
 */
final class Utf8Check {
    private static final int ASCII_MAX = 0x7F;
    private static final int CONTINUATION_MIN = 0x80;
    private static final int CONTINUATION_MAX = 0xBF;

    /** How many bytes the code point under way still lacks. */
    private int missing;

    // What the next of them may be.
    private int least = CONTINUATION_MIN;
    private int most = CONTINUATION_MAX;

    /**
     * Whether it may follow those before. Once it may not, what is said of more means nothing.
     *
     * @param octet 0 to 255
     */
    boolean accepts(int octet) {
        if (missing == 0) {
            return octet <= ASCII_MAX || begins(octet);
        }
        boolean right = octet >= least && octet <= most;
        missing--;
        least = CONTINUATION_MIN;
        most = CONTINUATION_MAX;
        return right;
    }

    private boolean begins(int octet) {
        if (octet < 0xC2 || octet > 0xF4) {
            return false; // A continuation, an overlong form, or above U+10FFFF.
        }
        missing = octet < 0xE0 ? 1 : octet < 0xF0 ? 2 : 3;
        switch (octet) {
            case 0xE0 -> least = 0xA0; // Less is overlong.
            case 0xED -> most = 0x9F; // More is a surrogate.
            case 0xF0 -> least = 0x90; // Less is overlong.
            case 0xF4 -> most = 0x8F; // More is above U+10FFFF.
            default -> {} // Any continuation.
        }
        return true;
    }

    /** Whether no code point is cut at the end of what came. */
    boolean isWhole() {
        return missing == 0;
    }
}
