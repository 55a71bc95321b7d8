package dev.portcullis.audit;

import java.io.ByteArrayOutputStream;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * Turns events into lines: one JSON object each, printable ASCII, fields always in the order of
 * {@link AuditEvent}, absent ones left out. The schema is fixed by {@code docs/audit.md}; fields
 * may be added at the end, none changes its meaning within one {@code v}.
 */
final class AuditLineWriter {
    /** The version of the schema, in every line. */
    static final int SCHEMA = 1;

    /** Characters of a path that are kept; enough for any of the Gateway's. */
    static final int PATH_MAX = 2048;

    /** Characters kept of anything else that a client had a hand in. */
    static final int TEXT_MAX = 256;

    /** Always six decimals, so that lines sort as text. */
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    byte[] write(List<AuditEvent> events) {
        var bytes = new ByteArrayOutputStream(events.size() * TEXT_MAX);
        for (var event : events) {
            try (var json = JsonText.generator(bytes)) {
                write(json, event);
            }
            bytes.write('\n');
        }
        return bytes.toByteArray();
    }

    private static void write(JsonGenerator json, AuditEvent event) {
        json.writeStartObject();
        json.writeNumberProperty("v", SCHEMA);
        json.writeStringProperty("time", TIME.format(event.at()));
        json.writeStringProperty("kind", code(event.kind()));
        json.writeStringProperty("verdict", code(event.verdict()));
        json.writeStringProperty("reason", event.reason().code());
        text(json, "requestId", event.requestId(), TEXT_MAX);
        text(json, "remote", event.remote(), TEXT_MAX);
        text(json, "user", event.user(), TEXT_MAX);
        text(json, "role", event.role(), TEXT_MAX);
        text(json, "means", event.means(), TEXT_MAX);
        text(json, "handle", event.handle(), TEXT_MAX);
        text(json, "method", event.method(), TEXT_MAX);
        text(json, "path", event.path(), PATH_MAX);
        if (event.status() != 0) {
            json.writeNumberProperty("status", event.status());
        }
        json.writeEndObject();
    }

    private static void text(JsonGenerator json, String name, @Nullable String value, int max) {
        if (value != null) {
            json.writeStringProperty(name, JsonText.capped(value, max));
        }
    }

    private static String code(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
