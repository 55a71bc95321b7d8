package dev.portcullis.identity;

import java.util.List;

/** One value of a JSON text that was read strictly. Nothing is converted: a number is no string. */
public sealed interface JsonValue permits JsonValue.Simple, JsonObject {
    /** Any value but an object. */
    sealed interface Simple extends JsonValue {}

    /** A string, without lone surrogates. */
    record Text(String value) implements Simple {}

    /** A number, as the nearest double; always finite. */
    record Numeric(double value) implements Simple {}

    /** True or false. */
    record Bool(boolean value) implements Simple {}

    /** Null. */
    record Null() implements Simple {}

    /** An array. */
    record Array(List<JsonValue> items) implements Simple {
        public Array {
            items = List.copyOf(items);
        }
    }
}
