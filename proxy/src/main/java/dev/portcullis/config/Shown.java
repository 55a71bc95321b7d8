package dev.portcullis.config;

import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** How values appear in messages: escaped and capped. */
final class Shown {
    private static final int CHARACTERS_MAX = 80;

    private Shown() {}

    static String kind(Node node) {
        return switch (node) {
            case MappingNode _ -> "a block of keys";
            case SequenceNode _ -> "a list";
            default -> "a single value";
        };
    }

    /** The text on one line: control characters escaped, nothing cut. */
    static String line(String text) {
        var line = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            line.append(
                    Character.isISOControl(c) ? "\\u%04x".formatted((int) c) : String.valueOf(c));
        }
        return line.toString();
    }

    /** The text, with what is not printable ASCII escaped, and cut when long. */
    static String text(String value) {
        var shown = new StringBuilder();
        for (int i = 0; i < value.length(); i++) {
            if (i == CHARACTERS_MAX) {
                return shown.append('…').toString();
            }
            char c = value.charAt(i);
            boolean plain = c >= ' ' && c < 0x7F;
            shown.append(plain ? String.valueOf(c) : "\\u%04x".formatted((int) c));
        }
        return shown.isEmpty() ? "an empty value" : shown.toString();
    }
}
