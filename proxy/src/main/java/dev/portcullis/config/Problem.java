package dev.portcullis.config;

import java.nio.file.Path;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * One thing that is wrong with the configuration file, where it stands, and what to write instead.
 * Holds no secret: values of secret keys, and values that came from the environment or a file, are
 * never part of it.
 *
 * @param file the configuration file
 * @param line of the value or key, from 1
 * @param column of the value or key, in characters, from 1
 * @param key the whole path of the key, such as {@code sign-in.idle}; empty for the file itself
 * @param found what stands there
 * @param expected what should stand there, with unit and range
 * @param suggestion what was probably meant, or null
 */
public record Problem(
        Path file,
        int line,
        int column,
        String key,
        String found,
        String expected,
        @Nullable String suggestion) {

    static final Comparator<Problem> BY_POSITION =
            Comparator.comparingInt(Problem::line)
                    .thenComparingInt(Problem::column)
                    .thenComparing(Problem::key);

    /** One line, as compilers write it: {@code file:line:column: key: found … (expected: …)}. */
    @Override
    public String toString() {
        var where = file + ":" + line + ":" + column + ": ";
        var what = (key.isEmpty() ? "" : key + ": ") + "found " + found;
        var hint = suggestion == null ? "" : "; did you mean " + suggestion + "?";
        return where + what + " (expected: " + expected + ")" + hint;
    }
}
