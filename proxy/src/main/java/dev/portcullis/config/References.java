package dev.portcullis.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/**
 * Resolves {@code ${env:NAME}} and {@code ${file:PATH}} inside values, so that secrets need not
 * stand in the configuration file. What comes in this way is not resolved again. A second dollar
 * sign in front makes a reference plain text.
 *
 * @param folder against which relative paths resolve
 * @param env the environment
 * @param reads is told of every file before it is read
 */
record References(Path folder, Map<String, String> env, Consumer<Path> reads) {
    private static final int BYTES_MAX = 64 * 1024;
    private static final Pattern REFERENCE =
            Pattern.compile("\\$\\$\\{|\\$\\{(?:(env|file):([^{}]+)})?");

    /** What became of a value. */
    sealed interface Result {
        record Resolved(String text) implements Result {}

        record Unresolved(String found, String expected) implements Result {}
    }

    Result resolve(String written) {
        var matcher = REFERENCE.matcher(written);
        var text = new StringBuilder();
        int end = 0;
        while (matcher.find()) {
            text.append(written, end, matcher.start());
            end = matcher.end();
            if (matcher.group().startsWith("$$")) {
                text.append("${");
                continue;
            }
            switch (resolve(matcher.group(1), matcher.group(2))) {
                case Result.Resolved resolved -> text.append(resolved.text());
                case Result.Unresolved unresolved -> {
                    return unresolved;
                }
            }
        }
        return new Result.Resolved(text.append(written, end, written.length()).toString());
    }

    @SuppressWarnings("NullAway") // Both groups are absent together, and checked first.
    private Result resolve(String kind, String name) {
        if (kind == null) {
            return new Result.Unresolved(
                    "an unknown reference", "${env:NAME} or ${file:PATH}; $${ for a plain ${");
        }
        return kind.equals("env") ? variable(name) : file(name);
    }

    private Result variable(String name) {
        var value = env.get(name);
        return value == null
                ? new Result.Unresolved(
                        "${env:" + Shown.text(name) + "}, which is not set",
                        "a variable of this process's environment")
                : new Result.Resolved(value);
    }

    private Result file(String name) {
        try {
            var file = folder.resolve(name);
            reads.accept(file);
            var why = ConfigText.notReadable(file);
            return why.isPresent() ? noFile(name, why.get()) : content(name, file);
        } catch (InvalidPathException _) {
            return noFile(name, "not a path");
        } catch (CharacterCodingException _) {
            return noFile(name, "bytes that are not UTF-8");
        } catch (IOException _) {
            return noFile(name, "a file that cannot be read");
        }
    }

    private static Result content(String name, Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                return noFile(name, "more than 64 KiB");
            }
            var text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
            return new Result.Resolved(withoutLastNewline(text.toString()));
        }
    }

    private static Result noFile(String name, String why) {
        return new Result.Unresolved(
                "${file:" + Shown.text(name) + "}: " + why,
                "a readable UTF-8 file of at most 64 KiB");
    }

    private static String withoutLastNewline(String text) {
        if (text.endsWith("\r\n")) {
            return text.substring(0, text.length() - 2);
        }
        return text.endsWith("\n") ? text.substring(0, text.length() - 1) : text;
    }
}
