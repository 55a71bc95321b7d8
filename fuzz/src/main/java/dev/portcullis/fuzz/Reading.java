package dev.portcullis.fuzz;

import dev.portcullis.http.RequestHead;
import dev.portcullis.http.RequestHeads;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Set;

/**
 * One request as one parser read it, as text to compare: method and target, then the fields but for
 * those of the hop, sorted, then the body's hash. {@code collector.js} writes the same.
 */
final class Reading {
    private static final Set<String> OF_THE_HOP =
            Set.of(
                    "connection",
                    "content-length",
                    "keep-alive",
                    "transfer-encoding",
                    "upgrade",
                    "expect",
                    "te");

    private Reading() {}

    /** Of bytes that we forward, as we read them ourselves. */
    static String of(byte[] forwarded, byte[] body) {
        int length = forwarded.length;
        for (int i = 0; i + 3 < forwarded.length; i++) {
            if (forwarded[i] == '\r' && forwarded[i + 2] == '\r') {
                length = i + 4;
                break;
            }
        }
        if (!(RequestHeads.parse(forwarded.clone(), length, 128) instanceof RequestHead head)) {
            throw new IllegalStateException("we refuse what we forward");
        }
        var lines = new ArrayList<String>();
        lines.add("host: " + head.authority());
        for (var field : head.fields()) {
            if (!OF_THE_HOP.contains(field.name())) {
                lines.add(field.name() + ": " + field.value());
            }
        }
        Collections.sort(lines);
        return head.method()
                + " "
                + head.target().full()
                + "\n"
                + String.join("\n", lines)
                + "\n"
                + hash(body);
    }

    /** SHA-256 of the text, in hex: what a judge answers with. */
    static String digest(String reading) {
        return hash(reading.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static String hash(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
