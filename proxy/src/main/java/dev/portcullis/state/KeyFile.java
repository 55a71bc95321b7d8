package dev.portcullis.state;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.regex.Pattern;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * The file of the keys that seal what is kept: a line each, its id, a blank, 32 random bytes in
 * base64. The last line seals, every line opens; so a key is changed by adding a line, and nobody
 * is signed out. Lines that begin with {@code #} say something to people.
 */
final class KeyFile {
    private static final int KEY_BYTES = 32;
    private static final int BYTES_MAX = 64 * 1024;
    private static final Pattern LINE =
            Pattern.compile("([A-Za-z0-9._-]{1,64}) ([A-Za-z0-9+/]{43}=)");

    private KeyFile() {}

    /** The keys of that file. */
    static SealingKeys read(Path file) throws IOException {
        PrivateFiles.expectFile(file);
        if (Files.size(file) > BYTES_MAX) {
            throw new IOException(
                    file + ": found more than 64 KiB (expected: a line for each key)");
        }
        var keys = new LinkedHashMap<String, SecretKey>();
        int number = 0;
        for (var line : Files.readAllLines(file, StandardCharsets.ISO_8859_1)) {
            number++;
            if (line.isBlank() || line.startsWith("#")) {
                continue;
            }
            var matched = LINE.matcher(line.strip());
            if (!matched.matches() || keys.containsKey(matched.group(1))) {
                // What stands there may be a key: it is not shown.
                throw new IOException(
                        "%s, line %d: found something else (expected: an id of its own, a blank, 32 bytes in base64)"
                                .formatted(file, number));
            }
            keys.put(matched.group(1), key(Base64.getDecoder().decode(matched.group(2))));
        }
        if (keys.isEmpty()) {
            throw new IOException(file + ": found no key (expected: at least one line)");
        }
        return new SealingKeys(keys);
    }

    /**
     * Makes a file with one new key, mode 0600: all of it on the disk, or none. By the time
     * anything is sealed by it, a power cut does not take it away.
     */
    static void create(Path file) throws IOException {
        var key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        PrivateFiles.write(
                file,
                "# Keys that seal the sessions. The last line seals, every line opens.\n"
                        + "1 "
                        + Base64.getEncoder().encodeToString(key)
                        + "\n");
    }

    private static SecretKey key(byte[] bytes) {
        return new SecretKeySpec(bytes, "AES");
    }
}
