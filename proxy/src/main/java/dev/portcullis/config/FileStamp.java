package dev.portcullis.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import org.jspecify.annotations.Nullable;

/**
 * Tells whether a file is still the one that was read, without reading it: another inode after a
 * rename or behind another link, or another size or time after a write. Cheap: it is asked for many
 * times a second.
 *
 * @param key device and inode; null where the platform has none, and for a missing file
 * @param size in bytes; -1 for a missing file
 * @param written when; null for a missing file
 */
public record FileStamp(@Nullable Object key, long size, @Nullable FileTime written) {
    private static final FileStamp ABSENT = new FileStamp(null, -1, null);

    /** Of the file as it is now; of a missing one too. */
    public static FileStamp of(Path file) {
        try {
            var found = Files.readAttributes(file, BasicFileAttributes.class);
            return new FileStamp(found.fileKey(), found.size(), found.lastModifiedTime());
        } catch (IOException _) {
            return ABSENT;
        }
    }
}
