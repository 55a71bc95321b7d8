package dev.portcullis.audit;

import dev.portcullis.runtime.Latin1Buffer;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Turns events into lines: one JSON object each, printable ASCII, fields always in the order of
 * {@link AuditEvent}, absent ones left out. The schema is fixed by {@code docs/audit.md}; fields
 * may be added at the end, none changes its meaning within one {@code v}. One thread at a time.
 *
 * <p>Written by hand, but for text that has to be escaped: a line for every request cost as much as
 * the decision when a general writer made it.
 */
final class AuditLineWriter {
    /** The version of the schema, in every line. */
    static final int SCHEMA = 1;

    /** Characters of a path that are kept; enough for any of the Gateway's. */
    static final int PATH_MAX = 2048;

    /** Characters kept of anything else that a client had a hand in. */
    static final int TEXT_MAX = 256;

    private static final int MICROS_PER_SECOND = 1_000_000;
    private static final int NANOS_PER_MICRO = 1_000;

    private static final byte[] START = ascii("{\"v\":" + SCHEMA + ",\"time\":\"");
    private static final byte[] KIND = ascii("Z\",\"kind\":\"");
    private static final byte[] VERDICT = ascii("\",\"verdict\":\"");
    private static final byte[] REASON = ascii("\",\"reason\":\"");
    private static final byte[] REQUEST_ID = name("requestId");
    private static final byte[] REMOTE = name("remote");
    private static final byte[] USER = name("user");
    private static final byte[] ROLE = name("role");
    private static final byte[] MEANS = name("means");
    private static final byte[] HANDLE = name("handle");
    private static final byte[] METHOD = name("method");
    private static final byte[] PATH = name("path");
    private static final byte[] STATUS = name("status");
    private static final Map<AuditEvent.Kind, byte[]> KINDS = codes(AuditEvent.Kind.class);
    private static final Map<AuditEvent.Verdict, byte[]> VERDICTS = codes(AuditEvent.Verdict.class);

    private final Latin1Buffer out = new Latin1Buffer(64 * 1024);
    private final TimeText time = new TimeText();

    /** The lines, in memory that the next call uses again. */
    ByteBuffer write(List<AuditEvent> events) {
        out.clear();
        for (var event : events) {
            write(event);
        }
        return ByteBuffer.wrap(out.array(), 0, out.length());
    }

    private void write(AuditEvent event) {
        out.add(START);
        time.add(event.at(), out);
        out.add(KIND).add(codeOf(KINDS, event.kind()));
        out.add(VERDICT).add(codeOf(VERDICTS, event.verdict()));
        out.add(REASON).addAscii(event.reason().code()).add('"');
        text(REQUEST_ID, event.requestId(), TEXT_MAX);
        text(REMOTE, event.remote(), TEXT_MAX);
        text(USER, event.user(), TEXT_MAX);
        text(ROLE, event.role(), TEXT_MAX);
        text(MEANS, event.means(), TEXT_MAX);
        text(HANDLE, event.handle(), TEXT_MAX);
        text(METHOD, event.method(), TEXT_MAX);
        text(PATH, event.path(), PATH_MAX);
        if (event.status() != 0) {
            out.add(STATUS).addDecimal(event.status());
        }
        out.add('}').add('\n');
    }

    private void text(byte[] name, @Nullable String value, int max) {
        if (value == null) {
            return;
        }
        out.add(name);
        if (value.length() <= max && isPlain(value)) {
            out.add('"').addAscii(value).add('"');
        } else {
            out.add(escaped(JsonText.capped(value, max)));
        }
    }

    /** Whether it stands in JSON as it is. */
    private static boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < ' ' || c > '~' || c == '"' || c == '\\') {
                return false;
            }
        }
        return true;
    }

    private static byte[] escaped(String text) {
        var bytes = new ByteArrayOutputStream();
        try (var json = JsonText.generator(bytes)) {
            json.writeString(text);
        }
        return bytes.toByteArray();
    }

    private static <E extends Enum<E>> Map<E, byte[]> codes(Class<E> type) {
        var codes = new EnumMap<E, byte[]>(type);
        for (var constant : type.getEnumConstants()) {
            var code = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
            codes.put(constant, ascii(code));
        }
        return codes;
    }

    private static <E extends Enum<E>> byte[] codeOf(Map<E, byte[]> codes, E constant) {
        return Objects.requireNonNull(codes.get(constant));
    }

    private static byte[] name(String name) {
        return ascii(",\"" + name + "\":");
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** A time of day always has six decimals, so that lines sort as text; one second is kept. */
    private static final class TimeText {
        private long second = Long.MIN_VALUE;
        private byte[] upToSecond = {};

        void add(Instant at, Latin1Buffer out) {
            if (at.getEpochSecond() != second) {
                second = at.getEpochSecond();
                var whole = Instant.ofEpochSecond(second).toString(); // ISO 8601, ends in Z
                upToSecond = ascii(whole.substring(0, whole.length() - 1) + ".");
            }
            out.add(upToSecond);
            int micros = at.getNano() / NANOS_PER_MICRO;
            for (int unit = MICROS_PER_SECOND / 10; unit > 0; unit /= 10) {
                out.add((char) ('0' + micros / unit % 10));
            }
        }
    }
}
