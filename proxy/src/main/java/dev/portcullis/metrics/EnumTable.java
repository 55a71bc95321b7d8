package dev.portcullis.metrics;

import java.util.EnumMap;
import java.util.Objects;
import java.util.function.Function;

/** One value for every constant of an enum, made up front: looking one up finds it. */
final class EnumTable<E extends Enum<E>, T> {
    private final EnumMap<E, T> values;

    EnumTable(Class<E> constants, Function<E, T> value) {
        values = new EnumMap<>(constants);
        for (var constant : constants.getEnumConstants()) {
            values.put(constant, value.apply(constant));
        }
    }

    T get(E constant) {
        return Objects.requireNonNull(values.get(constant));
    }
}
