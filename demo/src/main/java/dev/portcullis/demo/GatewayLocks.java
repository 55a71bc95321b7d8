package dev.portcullis.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The lock files of one Gateway. It makes them in {@code /tmp} whatever its environment says, named
 * by a hash of its database's path, and leaves them there.
 *
 * @param folder where all Gateways of this user have theirs
 * @param hash the database's, eight hex digits
 */
record GatewayLocks(Path folder, String hash) {
    private static final int HASH_DIGITS = 8;

    static GatewayLocks of(Path database) {
        try {
            var uid = Files.getAttribute(Path.of(System.getProperty("user.home")), "unix:uid");
            var real = Files.exists(database) ? database.toRealPath() : database;
            var path = real.toString().getBytes(StandardCharsets.UTF_8);
            var digest = MessageDigest.getInstance("SHA-256").digest(path);
            return new GatewayLocks(
                    Path.of("/tmp", "openclaw-state-locks-" + uid),
                    HexFormat.of().formatHex(digest).substring(0, HASH_DIGITS));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** Only once that Gateway is gone; other Gateways' locks stay. */
    void delete() {
        if (!Files.isDirectory(folder)) {
            return;
        }
        try (var locks = Files.newDirectoryStream(folder, "*." + hash + ".lock.sqlite*")) {
            for (var lock : locks) {
                Files.deleteIfExists(lock);
            }
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException _) {
            // Another Gateway's are in it.
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
