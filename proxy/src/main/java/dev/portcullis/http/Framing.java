package dev.portcullis.http;

import dev.portcullis.audit.Reason;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** How long a body is, by the one unambiguous reading of its head (RFC 9112 §6.3). */
final class Framing {
    /** More digits than any body has. */
    private static final int LENGTH_DIGITS_MAX = 18;

    private Framing() {}

    /** What the head says. */
    sealed interface Result {}

    /** That many bytes, or {@link RequestHead#UNKNOWN_LENGTH} for chunked. */
    record Length(long bytes) implements Result {}

    /** Two readings, or none. */
    record Refused(int status, Reason reason) implements Result {}

    private static final Length NONE = new Length(0);
    private static final Length CHUNKED = new Length(RequestHead.UNKNOWN_LENGTH);
    private static final Refused AMBIGUOUS = new Refused(400, Reason.FRAMING_AMBIGUOUS);

    /** Of a request: without either field there is no body. */
    static Result ofRequest(List<Field> fields) {
        var result = ofEither(fields);
        return result == null ? NONE : result;
    }

    /** Of either direction; null if the head has neither field. A second copy is ambiguous. */
    static @Nullable Result ofEither(List<Field> fields) {
        String length = null;
        String coding = null;
        for (int i = 0; i < fields.size(); i++) {
            var field = fields.get(i);
            if (field.name().equals("content-length")) {
                if (length != null) {
                    return AMBIGUOUS;
                }
                length = field.value();
            } else if (field.name().equals("transfer-encoding")) {
                if (coding != null) {
                    return AMBIGUOUS;
                }
                coding = field.value();
            }
        }
        if (coding != null) {
            return length == null ? ofCoding(coding) : AMBIGUOUS;
        }
        return length == null ? null : ofLength(length);
    }

    private static Result ofCoding(String coding) {
        if (coding.equalsIgnoreCase("chunked")) {
            return CHUNKED;
        }
        var codings = HeadSyntax.tokens(List.of(new Field("te", coding)), "te");
        boolean onlyChunked =
                codings == null || codings.stream().allMatch(c -> c.equals("chunked"));
        return onlyChunked ? AMBIGUOUS : new Refused(501, Reason.CODING_UNKNOWN);
    }

    private static Result ofLength(String length) {
        if (length.isEmpty() || length.length() > LENGTH_DIGITS_MAX) {
            return AMBIGUOUS;
        }
        for (int i = 0; i < length.length(); i++) {
            if (length.charAt(i) < '0' || length.charAt(i) > '9') {
                return AMBIGUOUS;
            }
        }
        boolean leadingZero = length.length() > 1 && length.charAt(0) == '0';
        return leadingZero ? AMBIGUOUS : new Length(Long.parseLong(length));
    }
}
