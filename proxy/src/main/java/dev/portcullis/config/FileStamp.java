package dev.portcullis.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;

/**
 * Tells whether a file is still the one that was read, without reading it: another inode after a
 * rename or behind another link, or another size or time after a write.
 *
 * @param text compares, and nothing else
 */
public record FileStamp(String text) {
    /** Of the file as it is now; of a missing one too. */
    public static FileStamp of(Path file) {
        try {
            var found = Files.readAttributes(file, "unix:ino,dev,size,lastModifiedTime,ctime");
            return new FileStamp(new TreeMap<>(found).toString());
        } catch (IOException _) {
            return new FileStamp("absent");
        } catch (UnsupportedOperationException | IllegalArgumentException elsewhere) {
            return portable(file);
        }
    }

    private static FileStamp portable(Path file) {
        try {
            return new FileStamp(Files.size(file) + " " + Files.getLastModifiedTime(file));
        } catch (IOException _) {
            return new FileStamp("absent");
        }
    }
}
