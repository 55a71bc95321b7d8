package dev.portcullis.config;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The configuration file as text: bounded in size, UTF-8, and free of control characters. */
final class ConfigText {
    static final int BYTES_MAX = 1024 * 1024;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private ConfigText() {}

    /** The text, or empty after saying why there is none. */
    static Optional<String> read(Path file, Findings findings) {
        var why = notReadable(file);
        if (why.isPresent()) {
            findings.problem(Position.START, "", why.get(), "a readable YAML file");
            return Optional.empty();
        }
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(BYTES_MAX + 1);
            if (bytes.length > BYTES_MAX) {
                findings.problem(Position.START, "", "more than 1 MiB", "at most 1 MiB");
                return Optional.empty();
            }
            return decode(bytes, findings);
        } catch (IOException _) {
            findings.problem(Position.START, "", "an unreadable file", "a readable YAML file");
            return Optional.empty();
        }
    }

    /** Why a path cannot be read as a file, in the words of a problem; empty if it can. */
    static Optional<String> notReadable(Path file) {
        if (!Files.exists(file)) {
            return Optional.of("no such file");
        }
        if (!Files.isRegularFile(file)) {
            return Optional.of("something that is not a regular file");
        }
        return Files.isReadable(file)
                ? Optional.empty()
                : Optional.of("a file that this user may not read");
    }

    private static Optional<String> decode(byte[] bytes, Findings findings) {
        var in = ByteBuffer.wrap(bytes);
        var out = CharBuffer.allocate(bytes.length);
        var decoder = StandardCharsets.UTF_8.newDecoder(); // Reports; never replaces.
        var result = decoder.decode(in, out, true);
        var text = out.flip().toString();
        if (result.isError()) {
            findings.problem(
                    Position.at(text, text.length()), "", "bytes that are not UTF-8", "UTF-8 text");
            return Optional.empty();
        }
        if (!text.isEmpty() && text.charAt(0) == BYTE_ORDER_MARK) {
            text = text.substring(1);
        }
        return withoutControls(text, findings);
    }

    private static Optional<String> withoutControls(String text, Findings findings) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean layout = c == '\n' || c == '\r' || c == '\t';
            if ((Character.isISOControl(c) && !layout) || c == BYTE_ORDER_MARK || c >= 0xFFFE) {
                var found = "the control character U+%04X".formatted((int) c);
                findings.problem(Position.at(text, i), "", found, "printable text");
                return Optional.empty();
            }
        }
        return Optional.of(text);
    }
}
