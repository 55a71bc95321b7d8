package dev.portcullis.http;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * An answer of our own, whole: a page, a redirect, an error. The edge adds the security headers,
 * the request id and the framing.
 *
 * @param status 200 to 599
 * @param fields what this answer needs beyond the common ones: {@code location}, {@code
 *     set-cookie}, {@code retry-after}…
 * @param body whole; its {@code content-type} stands in {@code fields}
 */
public record LocalResponse(int status, Fields fields, Body body) {
    /** Bytes that nobody changes any more. */
    public static final class Body {
        /** No bytes. */
        public static final Body EMPTY = new Body(new byte[0]);

        private final byte[] bytes;

        private Body(byte[] bytes) {
            this.bytes = bytes;
        }

        /** The text in UTF-8. */
        public static Body utf8(String text) {
            return new Body(text.getBytes(StandardCharsets.UTF_8));
        }

        /** How many bytes. */
        public int length() {
            return bytes.length;
        }

        /** A copy of the bytes. */
        public byte[] toByteArray() {
            return bytes.clone();
        }

        /** The text these bytes are. */
        public String asUtf8() {
            return new String(bytes, StandardCharsets.UTF_8);
        }
    }

    /** An answer without a body. */
    public static LocalResponse empty(int status, Fields fields) {
        return new LocalResponse(status, fields, Body.EMPTY);
    }

    /** A redirect. */
    public static LocalResponse redirect(int status, String location, List<Field> more) {
        return empty(status, Fields.of("location", location).plus(Fields.of(more)));
    }

    /** A short text for programs. */
    public static LocalResponse text(int status, String text) {
        return of(status, "text/plain; charset=utf-8", text);
    }

    /** A body of that type. */
    public static LocalResponse of(int status, String contentType, String body) {
        return new LocalResponse(status, Fields.of("content-type", contentType), Body.utf8(body));
    }

    /** The same, with more fields. */
    public LocalResponse with(Fields more) {
        return new LocalResponse(status, fields.plus(more), body);
    }
}
