package dev.portcullis.audit;

import java.io.OutputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.StreamWriteFeature;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/**
 * JSON for lines that people read in terminals: printable ASCII only. Line breaks, terminal
 * escapes, direction marks and everything else a client may have sent come out as {@code \}{@code
 * uXXXX}.
 */
public final class JsonText {
    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .characterEscapes(new EscapesDelete())
                    .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
                    .disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
                    .build();

    private static final char REPLACEMENT = '\uFFFD';

    private JsonText() {}

    /** Writes one value to the stream, which stays open. */
    public static JsonGenerator generator(OutputStream out) {
        return FACTORY.createGenerator(ObjectWriteContext.empty(), out);
    }

    /**
     * The text, at most so many characters of it, then how many were left out. Halves of surrogate
     * pairs, which no JSON reader agrees on, become U+FFFD.
     */
    public static String capped(String text, int max) {
        var kept = wellFormed(text.length() <= max ? text : text.substring(0, max));
        return text.length() <= max ? kept : kept + "...(+" + (text.length() - max) + ")";
    }

    private static String wellFormed(String text) {
        StringBuilder repaired = null;
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (!Character.isSurrogate(c)) {
                continue;
            }
            if (i + 1 < text.length() && Character.isSurrogatePair(c, text.charAt(i + 1))) {
                i++;
                continue;
            }
            if (repaired == null) {
                repaired = new StringBuilder(text);
            }
            repaired.setCharAt(i, REPLACEMENT);
        }
        return repaired == null ? text : repaired.toString();
    }

    /** JSON lets DEL through as it is; a terminal would not. */
    private static final class EscapesDelete extends CharacterEscapes {
        private static final long serialVersionUID = 1;
        private static final int DELETE = 0x7F;
        private static final int[] ASCII = standardAsciiEscapesForJSON();

        static {
            ASCII[DELETE] = ESCAPE_STANDARD;
        }

        @Override
        public int[] getEscapeCodesForAscii() {
            return ASCII;
        }

        @Override
        public @Nullable SerializableString getEscapeSequence(int ch) {
            return null; // Only asked for custom escapes, and there are none.
        }
    }
}
