package dev.portcullis;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderEventsTest {
    private static final Duration LONG = Duration.ofSeconds(20);

    private final FolderEvents events = FolderEvents.open();
    @TempDir private Path folder;

    @AfterEach
    void close() throws IOException {
        events.close();
    }

    @Test
    void fileWrittenAnew_endsTheWait() throws Exception {
        var file = Files.writeString(folder.resolve("a.yaml"), "1");
        events.follow(List.of(file));
        Files.writeString(file, "2");
        assertThat(events.await(LONG)).isTrue();
    }

    @Test
    void fileReplaced_endsTheWait() throws Exception {
        var file = Files.writeString(folder.resolve("a.yaml"), "1");
        events.follow(List.of(file));
        Files.move(
                Files.writeString(folder.resolve("new"), "2"),
                file,
                StandardCopyOption.ATOMIC_MOVE);
        assertThat(events.await(LONG)).isTrue();
    }

    @Test
    void targetOfALinkInAnotherFolder_endsTheWait() throws Exception {
        var elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
        var target = Files.writeString(elsewhere.resolve("a.yaml"), "1");
        var named = Files.createDirectory(folder.resolve("named"));
        events.follow(List.of(Files.createSymbolicLink(named.resolve("a.yaml"), target)));
        Files.writeString(target, "2");
        assertThat(events.await(LONG)).isTrue();
    }

    @Test
    void folderThatNoLongerMatters_isLeftAlone() throws Exception {
        var one = Files.createDirectory(folder.resolve("one"));
        var other = Files.createDirectory(folder.resolve("other"));
        events.follow(List.of(one.resolve("a")));
        events.follow(List.of(other.resolve("a")));
        Files.writeString(one.resolve("a"), "1");
        assertThat(events.await(Duration.ofMillis(200))).isFalse();
    }

    @Test
    void missingFolder_isSilent() {
        events.follow(List.of(folder.resolve("none/a")));
        assertThat(events.isSilent()).isTrue();
    }
}
