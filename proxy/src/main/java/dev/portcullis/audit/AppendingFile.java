package dev.portcullis.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * A file of lines that only grows, readable by our user alone. A write that failed half-way is cut
 * off again before the next one; a line torn by a crash is ended, so that it spoils no other.
 */
final class AppendingFile implements AuditFile.Sink {
    static final String NAME = "audit.jsonl";

    private final FileChannel channel;
    private long goodLength;
    private boolean torn;

    private AppendingFile(FileChannel channel) throws IOException {
        this.channel = channel;
        this.goodLength = channel.size();
    }

    static AppendingFile open(Path directory) throws IOException {
        var ourselves = PosixFilePermissions.fromString("rwx------");
        Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(ourselves));
        var file = directory.resolve(NAME);
        var opened =
                new AppendingFile(
                        FileChannel.open(
                                file,
                                // A link in its place would have us write somewhere else.
                                Set.of(
                                        StandardOpenOption.CREATE,
                                        StandardOpenOption.READ,
                                        StandardOpenOption.WRITE,
                                        LinkOption.NOFOLLOW_LINKS),
                                PosixFilePermissions.asFileAttribute(
                                        PosixFilePermissions.fromString("rw-------"))));
        opened.endTornLine();
        return opened;
    }

    @Override
    public void write(ByteBuffer wholeLines) throws IOException {
        if (torn) {
            channel.truncate(goodLength);
        }
        torn = true;
        long at = goodLength;
        while (wholeLines.hasRemaining()) {
            at += channel.write(wholeLines, at);
        }
        goodLength = at;
        torn = false;
    }

    @Override
    public void close() throws IOException {
        try (channel) {
            channel.force(true);
        }
    }

    private void endTornLine() throws IOException {
        if (goodLength == 0) {
            return;
        }
        var last = ByteBuffer.allocate(1);
        channel.read(last, goodLength - 1);
        if (last.get(0) != '\n') {
            write(ByteBuffer.wrap(new byte[] {'\n'}));
        }
    }
}
