package dev.portcullis.config;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;

/** A value that must appear nowhere: prints as {@code (secret)}, compares in constant time. */
public final class Secret {
    private final String value;

    /** Wraps the value; whoever still holds the string is responsible for it. */
    public Secret(String value) {
        this.value = value;
    }

    /** The value itself. Named so that every use can be found. */
    public String expose() {
        return value;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Secret that
                && MessageDigest.isEqual(
                        value.getBytes(StandardCharsets.UTF_8),
                        that.value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public int hashCode() {
        return 0; // Tells nothing; no secret belongs in a hash table.
    }

    @Override
    public String toString() {
        return "(secret)";
    }
}
