package dev.portcullis.admin;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * One command as it comes: a flat JSON object of texts, {@code verb} among them.
 *
 * @param verb what to do
 * @param texts everything else
 */
public record ControlRequest(String verb, Map<String, String> texts) {
    private static final JsonFactory JSON =
            JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

    public ControlRequest {
        texts = Map.copyOf(texts);
    }

    /** The text of that name, or null. */
    public @Nullable String text(String name) {
        return texts.get(name);
    }

    /** Empty if it is anything else. */
    static Optional<ControlRequest> parse(String line) {
        var texts = new HashMap<String, String>();
        try (var parser = JSON.createParser(ObjectReadContext.empty(), line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
                var name = parser.currentName();
                if (parser.nextToken() != JsonToken.VALUE_STRING) {
                    return Optional.empty();
                }
                texts.put(name, parser.getString());
            }
            var verb = texts.remove("verb");
            boolean whole = parser.currentToken() == JsonToken.END_OBJECT;
            return verb == null || !whole || parser.nextToken() != null
                    ? Optional.empty()
                    : Optional.of(new ControlRequest(verb, texts));
        } catch (JacksonException garbled) {
            return Optional.empty();
        }
    }
}
