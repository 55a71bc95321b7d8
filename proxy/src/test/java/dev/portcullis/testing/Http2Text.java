package dev.portcullis.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Turns rows of a catalogue that is written in HTTP/1.1 into what they are in HTTP/2. */
public final class Http2Text {
    private Http2Text() {}

    /**
     * Names and values in turn, of field lines that end in CRLF. A name is everything before the
     * colon, in lower case, and nothing where there is none; a value loses one blank in front.
     * Nothing else is put right.
     */
    public static List<String> fields(String lines) {
        var fields = new ArrayList<String>();
        for (var line : lines.split("\r\n", -1)) {
            if (line.isEmpty()) {
                continue;
            }
            int colon = line.indexOf(':');
            var name = line.substring(0, Math.max(0, colon));
            var value = line.substring(colon + 1);
            fields.add(name.toLowerCase(Locale.ROOT));
            fields.add(value.startsWith(" ") ? value.substring(1) : value);
        }
        return fields;
    }

    /** Whether a request line is one that HTTP/2 can say. */
    public static boolean isRequestLine(String line) {
        return line.matches("\\S+ \\S+ HTTP/1\\.1");
    }

    /** A whole head: the pseudo-header fields of a request line, then field lines. */
    public static List<String> head(String requestLine, String authority, String lines) {
        var parts = requestLine.split(" ", -1);
        var head = new ArrayList<>(List.of(":method", parts[0], ":scheme", "https"));
        if (authority != null) {
            head.addAll(List.of(":authority", authority));
        }
        head.addAll(List.of(":path", parts[1]));
        head.addAll(fields(lines));
        return head;
    }

    /** A whole head that asks for a WebSocket (RFC 8441 §4), then field lines. */
    public static List<String> socket(String path, String authority, String lines) {
        var head =
                new ArrayList<>(
                        List.of(
                                ":method",
                                "CONNECT",
                                ":protocol",
                                "websocket",
                                ":scheme",
                                "https",
                                ":authority",
                                authority,
                                ":path",
                                path));
        head.addAll(fields(lines));
        return head;
    }
}
