package dev.portcullis.http;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** An immutable, ordered list of header fields, looked up by lower-case name. */
public final class Fields implements Iterable<Field> {
    /** No fields at all. */
    public static final Fields NONE = new Fields(List.of());

    private final List<Field> all;

    private Fields(List<Field> all) {
        this.all = all;
    }

    /** These fields, in this order. */
    public static Fields of(List<Field> fields) {
        return fields.isEmpty() ? NONE : new Fields(List.copyOf(fields));
    }

    /** These fields, in a list that is its maker's no more: nobody changes it from here on. */
    static Fields owning(List<Field> fields) {
        return fields.isEmpty() ? NONE : new Fields(fields);
    }

    /** Names and values in turn; names in lower case. */
    public static Fields of(String... namesAndValues) {
        var fields = new ArrayList<Field>(namesAndValues.length / 2);
        for (int i = 0; i < namesAndValues.length; i += 2) {
            fields.add(new Field(namesAndValues[i], namesAndValues[i + 1]));
        }
        return of(fields);
    }

    /** The first value of that name, or null. */
    public @Nullable String first(String name) {
        for (int i = 0; i < all.size(); i++) {
            var field = all.get(i);
            if (field.name().equals(name)) {
                return field.value();
            }
        }
        return null;
    }

    /** Whether a field of that name is there. */
    public boolean has(String name) {
        return first(name) != null;
    }

    /** Every value of that name, in order. */
    public List<String> all(String name) {
        var values = new ArrayList<String>(2);
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).name().equals(name)) {
                values.add(all.get(i).value());
            }
        }
        return values;
    }

    /** How many fields of that name there are. */
    public int count(String name) {
        int count = 0;
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).name().equals(name)) {
                count++;
            }
        }
        return count;
    }

    /** These fields followed by those. */
    public Fields plus(Fields more) {
        var joined = new ArrayList<Field>(all.size() + more.all.size());
        joined.addAll(all);
        joined.addAll(more.all);
        return owning(joined);
    }

    /** These fields and two more. */
    public Fields plus(Field next, Field last) {
        var joined = new ArrayList<Field>(all.size() + 2);
        joined.addAll(all);
        joined.add(next);
        joined.add(last);
        return owning(joined);
    }

    /** Those of these fields whose name is wanted. */
    Fields only(Predicate<String> wanted) {
        return of(all.stream().filter(field -> wanted.test(field.name())).toList());
    }

    /** How many fields there are. */
    public int size() {
        return all.size();
    }

    /** The field at that place, from 0. */
    public Field get(int index) {
        return all.get(index);
    }

    @Override
    public Iterator<Field> iterator() {
        return Collections.unmodifiableList(all).iterator();
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Fields fields && all.equals(fields.all);
    }

    @Override
    public int hashCode() {
        return all.hashCode();
    }

    /** Names only: values may be secret. */
    @Override
    public String toString() {
        return all.stream().map(Field::name).toList().toString();
    }
}
