package dev.portcullis.identity;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One JSON object that was read strictly: no name stands in it twice (RFC 7493 §2.3). Prints its
 * names only, because its values may be secret.
 */
public final class JsonObject implements JsonValue {
    private final Map<String, JsonValue> members;

    JsonObject(Map<String, JsonValue> members) {
        this.members = Map.copyOf(members);
    }

    /** The value of that name, or null if the name is not there. JSON's null is a value. */
    public @Nullable JsonValue get(String name) {
        return members.get(name);
    }

    /** Whether the name is there, with whatever value. */
    public boolean has(String name) {
        return members.containsKey(name);
    }

    /** The string of that name; null if it is absent or no string. */
    public @Nullable String text(String name) {
        return members.get(name) instanceof Text(String value) ? value : null;
    }

    /**
     * The strings of that name, where one string stands for a list of one, as in {@code aud} (RFC
     * 7519 §4.1.3).
     *
     * @return null if it is absent, no string and no array, or an array with anything but strings
     */
    public @Nullable List<String> texts(String name) {
        return switch (members.get(name)) {
            case Text(String value) -> List.of(value);
            case Array(List<JsonValue> items) -> allTexts(items);
            case null, default -> null;
        };
    }

    private static @Nullable List<String> allTexts(List<JsonValue> items) {
        var texts = new ArrayList<String>(items.size());
        for (var item : items) {
            if (!(item instanceof Text(String value))) {
                return null;
            }
            texts.add(value);
        }
        return List.copyOf(texts);
    }

    /** Every name with its value. Immutable. */
    public Map<String, JsonValue> members() {
        return members;
    }

    @Override
    public String toString() {
        return "JsonObject" + members.keySet();
    }
}
