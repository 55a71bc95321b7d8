package dev.portcullis.identity;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads one JSON object (RFC 8259, I-JSON of RFC 7493) and refuses what two readers could
 * understand differently: a name twice, bytes that are not UTF-8, a byte order mark, lone
 * surrogates, numbers beyond a double, anything after the object, deep nesting, endless text.
 */
final class StrictJson {
    private static final int DEPTH_MAX = 10;
    private static final int NUMBER_CHARACTERS_MAX = 40;
    private static final int NAME_CHARACTERS_MAX = 512;
    private static final int TOKENS_MAX = 20_000;

    private static final JsonFactory FACTORY =
            JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(DEPTH_MAX)
                                    .maxNumberLength(NUMBER_CHARACTERS_MAX)
                                    .maxNameLength(NAME_CHARACTERS_MAX)
                                    .maxTokenCount(TOKENS_MAX)
                                    .build())
                    .build();

    private StrictJson() {}

    /** The object that these bytes are, all of them; empty if they are anything else. */
    static Optional<JsonObject> object(byte[] bytes) {
        try {
            var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return object(text.toString());
        } catch (CharacterCodingException _) {
            return Optional.empty();
        }
    }

    private static Optional<JsonObject> object(String text) {
        try (var parser = FACTORY.createParser(ObjectReadContext.empty(), text)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return Optional.empty();
            }
            var object = members(parser);
            return parser.nextToken() == null ? Optional.of(object) : Optional.empty();
        } catch (JacksonException | NotInterchangeable _) {
            return Optional.empty();
        }
    }

    private static JsonObject members(JsonParser parser) throws NotInterchangeable {
        var members = new HashMap<String, JsonValue>();
        while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
            var name = interchangeable(parser.currentName());
            parser.nextToken();
            members.put(name, value(parser));
        }
        return new JsonObject(members);
    }

    private static JsonValue value(JsonParser parser) throws NotInterchangeable {
        return switch (parser.currentToken()) {
            case START_OBJECT -> members(parser);
            case START_ARRAY -> new JsonValue.Array(items(parser));
            case VALUE_STRING -> new JsonValue.Text(interchangeable(parser.getString()));
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser.getString());
            case VALUE_TRUE -> new JsonValue.Bool(true);
            case VALUE_FALSE -> new JsonValue.Bool(false);
            case VALUE_NULL -> new JsonValue.Null();
            default -> throw new NotInterchangeable();
        };
    }

    private static List<JsonValue> items(JsonParser parser) throws NotInterchangeable {
        var items = new ArrayList<JsonValue>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(parser));
        }
        return items;
    }

    private static JsonValue number(String text) throws NotInterchangeable {
        double value = Double.parseDouble(text);
        if (!Double.isFinite(value)) {
            throw new NotInterchangeable();
        }
        return new JsonValue.Numeric(value);
    }

    private static String interchangeable(String text) throws NotInterchangeable {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean pair =
                    Character.isHighSurrogate(c)
                            && i + 1 < text.length()
                            && Character.isLowSurrogate(text.charAt(i + 1));
            if (pair) {
                i++;
            } else if (Character.isSurrogate(c)) {
                throw new NotInterchangeable();
            }
        }
        return text;
    }

    /** Legal JSON that I-JSON leaves out. */
    private static final class NotInterchangeable extends Exception {
        private static final long serialVersionUID = 1L;
    }
}
