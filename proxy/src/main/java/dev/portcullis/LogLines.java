package dev.portcullis;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import dev.portcullis.audit.JsonText;
import java.io.ByteArrayOutputStream;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.slf4j.event.KeyValuePair;
import tools.jackson.core.JsonGenerator;

/**
 * Turns log events into lines: one JSON object of printable ASCII each, whatever a client sent.
 *
 * <p>{@code ts}, {@code level}, {@code logger}, {@code thread}, {@code message}, then the event's
 * key-values as they are named, {@code exception} last. Values are strings, numbers or booleans.
 */
public final class LogLines extends EncoderBase<ILoggingEvent> {
    private static final int MESSAGE_MAX = 2048;
    private static final int VALUE_MAX = 512;
    private static final int EXCEPTION_MAX = 16 * 1024;
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    @Override
    public byte[] headerBytes() {
        return new byte[0];
    }

    @Override
    public byte[] encode(ILoggingEvent event) {
        var bytes = new ByteArrayOutputStream();
        try (var json = JsonText.generator(bytes)) {
            json.writeStartObject();
            json.writeStringProperty("ts", TIME.format(event.getInstant()));
            json.writeStringProperty("level", event.getLevel().toString());
            json.writeStringProperty("logger", event.getLoggerName());
            json.writeStringProperty("thread", event.getThreadName());
            text(json, "message", event.getFormattedMessage(), MESSAGE_MAX);
            if (event.getKeyValuePairs() != null) {
                event.getKeyValuePairs().forEach(pair -> keyValue(json, pair));
            }
            if (event.getThrowableProxy() != null) {
                var stack = ThrowableProxyUtil.asString(event.getThrowableProxy());
                text(json, "exception", stack, EXCEPTION_MAX);
            }
            json.writeEndObject();
        }
        bytes.write('\n');
        return bytes.toByteArray();
    }

    @Override
    public byte[] footerBytes() {
        return new byte[0];
    }

    private static void keyValue(JsonGenerator json, KeyValuePair pair) {
        switch (pair.value) {
            case Integer number -> json.writeNumberProperty(pair.key, number);
            case Long number -> json.writeNumberProperty(pair.key, number);
            case Boolean truth -> json.writeBooleanProperty(pair.key, truth);
            case null -> json.writeNullProperty(pair.key);
            case Object other -> text(json, pair.key, String.valueOf(other), VALUE_MAX);
        }
    }

    private static void text(JsonGenerator json, String name, String value, int max) {
        json.writeStringProperty(name, JsonText.capped(value, max));
    }
}
