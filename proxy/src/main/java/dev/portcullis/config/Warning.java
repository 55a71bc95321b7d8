package dev.portcullis.config;

import java.nio.file.Path;
import java.util.Comparator;

/**
 * Something in the configuration file that holds but that an operator should know. Holds no secret.
 *
 * @param file the configuration file
 * @param line of the value or key, from 1
 * @param column of the value or key, in characters, from 1
 * @param key the whole path of the key
 * @param message what was found, and what would be better
 */
public record Warning(Path file, int line, int column, String key, String message) {
    static final Comparator<Warning> BY_POSITION =
            Comparator.comparingInt(Warning::line)
                    .thenComparingInt(Warning::column)
                    .thenComparing(Warning::key);

    /** One line, as compilers write it. */
    @Override
    public String toString() {
        return file + ":" + line + ":" + column + ": warning: " + key + ": " + message;
    }
}
