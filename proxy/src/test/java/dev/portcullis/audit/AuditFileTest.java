package dev.portcullis.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.audit.AuditEvent.Kind;
import dev.portcullis.audit.AuditEvent.Verdict;
import dev.portcullis.testing.Await;
import dev.portcullis.testing.CapturedLogs;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class AuditFileTest {
    private static final Duration RETRY = Duration.ofMillis(1);

    @TempDir Path folder;

    @Test
    void eventsAccepted_areInTheFileAfterClose() throws IOException {
        try (var audit = AuditFile.open(folder.resolve("new/audit"), 1000)) {
            for (int i = 0; i < 1000; i++) {
                assertThat(audit.accept(event("r" + i))).isTrue();
            }
        }
        var lines = Files.readAllLines(folder.resolve("new/audit/audit.jsonl"));
        assertThat(lines).hasSize(1000).first().asString().contains("\"requestId\":\"r0\"");
        assertThat(lines.getLast()).contains("\"requestId\":\"r999\"");
    }

    @Test
    void fileAndFolder_areForOurUserAlone() throws IOException {
        AuditFile.open(folder.resolve("audit"), 1).close();
        assertThat(permissions(folder.resolve("audit"))).isEqualTo("rwx------");
        assertThat(permissions(folder.resolve("audit/audit.jsonl"))).isEqualTo("rw-------");
    }

    @Test
    void restart_appends() throws IOException {
        writeOne("first");
        writeOne("second");
        assertThat(Files.readAllLines(folder.resolve("audit.jsonl"))).hasSize(2);
    }

    @Test
    void lineTornByACrash_isEndedAndSpoilsNoOther() throws IOException {
        Files.writeString(folder.resolve("audit.jsonl"), "{\"v\":1,\"ti");
        writeOne("after");
        var lines = Files.readAllLines(folder.resolve("audit.jsonl"));
        assertThat(lines).hasSize(2).first().isEqualTo("{\"v\":1,\"ti");
        assertThat(lines.get(1)).contains("\"requestId\":\"after\"").endsWith("}");
    }

    @Test
    void linkInItsPlace_isNotFollowed() throws IOException {
        var elsewhere = Files.writeString(folder.resolve("elsewhere"), "");
        Files.createSymbolicLink(folder.resolve("audit.jsonl"), elsewhere);
        assertThatThrownBy(() -> AuditFile.open(folder, 1))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(folder.toString());
    }

    @Test
    void folderThatCannotBeMade_isNamed() throws IOException {
        Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> AuditFile.open(folder.resolve("file/audit"), 1))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("audit.directory: " + folder.resolve("file/audit"));
    }

    @Test
    void queueFull_isRefusedAndCounted() {
        var disk = new Disk();
        try (var audit = new AuditFile(disk, 2, RETRY)) {
            assertThat(audit.accept(event("a"))).isTrue();
            assertThat(audit.accept(event("b"))).isTrue();
            assertThat(audit.accept(event("c"))).isFalse();
            assertThat(audit.depth()).isEqualTo(2);
            assertThat(audit.refused()).isOne();
            disk.open();
        }
        assertThat(disk.requestIds()).containsExactly("a", "b");
    }

    @Test
    void diskFull_isRefusedUntilTheSameLinesAreWritten() throws InterruptedException {
        var disk = new Disk();
        disk.failures.add(new IOException("No space left on device"));
        disk.failures.add(new IOException("No space left on device"));
        try (var logs = CapturedLogs.start();
                var audit = new AuditFile(disk, 100, RETRY)) {
            assertThat(audit.accept(event("a"))).isTrue();
            disk.attempts(1);
            disk.awaitAttemptsOver(1); // The second attempt is waiting: the first one has failed.
            assertThat(audit.healthy()).isFalse();
            assertThat(audit.accept(event("refused"))).isFalse();
            assertThat(audit.depth()).isOne();
            disk.open();
            disk.awaitWritten();
            awaitHealthy(audit);
            assertThat(audit.accept(event("b"))).isTrue();
            assertThat(logs.lines()).anyMatch(line -> line.contains("No space left on device"));
        }
        assertThat(disk.requestIds()).containsExactly("a", "b");
    }

    @Test
    void writerDead_nothingIsAcceptedAnyMore() throws InterruptedException {
        var disk = new Disk();
        disk.bug = new IllegalStateException("a bug");
        try (var logs = CapturedLogs.start();
                var audit = new AuditFile(disk, 100, RETRY)) {
            assertThat(audit.accept(event("a"))).isTrue();
            disk.open();
            Await.until("the end of the writer", () -> !audit.healthy());
            assertThat(audit.accept(event("b"))).isFalse();
            assertThat(logs.lines()).anyMatch(line -> line.contains("a bug"));
        }
    }

    @Test
    void closed_acceptsNothing() {
        var disk = new Disk();
        disk.open();
        var audit = new AuditFile(disk, 100, RETRY);
        audit.close();
        assertThat(audit.accept(event("late"))).isFalse();
        assertThat(audit.healthy()).isFalse();
        assertThat(disk.requestIds()).isEmpty();
    }

    @Test
    void manyThreads_loseNothingThatWasAccepted() throws InterruptedException {
        var disk = new Disk();
        disk.open();
        var accepted = new Semaphore(0);
        try (var audit = new AuditFile(disk, 64, RETRY)) {
            var threads =
                    IntStream.range(0, 4)
                            .mapToObj(t ->
                                    Thread.ofPlatform().start(() -> acceptMany(audit, t, accepted)))
                            .toList();
            for (var thread : threads) {
                thread.join();
            }
        }
        assertThat(disk.requestIds()).hasSize(accepted.availablePermits()).doesNotHaveDuplicates();
    }

    private static void acceptMany(AuditFile audit, int thread, Semaphore accepted) {
        for (int i = 0; i < 2000; i++) {
            if (audit.accept(event(thread + "-" + i))) {
                accepted.release();
            }
        }
    }

    private void writeOne(String requestId) throws IOException {
        try (var audit = AuditFile.open(folder, 10)) {
            assertThat(audit.accept(event(requestId))).isTrue();
        }
    }

    private static void awaitHealthy(AuditFile audit) {
        Await.until("a healthy log", audit::healthy);
    }

    private static String permissions(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    private static AuditEvent event(String requestId) {
        return new AuditEvent(
                Instant.EPOCH,
                Kind.REQUEST,
                Verdict.ALLOW,
                Reason.ALLOWED,
                requestId,
                "192.0.2.7:1",
                null,
                null,
                null,
                null,
                null,
                null,
                0);
    }

    /** A disk whose every write waits to be let through, and may fail first. */
    private static final class Disk implements AuditFile.Sink {
        private static final int MANY = 1_000_000;

        private final List<IOException> failures = new ArrayList<>();
        private final LinkedBlockingQueue<String> written = new LinkedBlockingQueue<>();
        private final Semaphore mayTry = new Semaphore(0);
        private final Semaphore waiting = new Semaphore(0);
        private RuntimeException bug;

        void open() {
            attempts(MANY);
        }

        void attempts(int count) {
            mayTry.release(count);
        }

        void awaitAttemptsOver(int count) throws InterruptedException {
            waiting.acquire(count + 1);
        }

        void awaitWritten() throws InterruptedException {
            written.add(written.poll(10, TimeUnit.SECONDS));
        }

        @Override
        public void write(ByteBuffer wholeLines) throws IOException {
            waiting.release();
            mayTry.acquireUninterruptibly();
            if (bug != null) {
                throw bug;
            }
            if (!failures.isEmpty()) {
                throw failures.removeFirst();
            }
            written.add(StandardCharsets.UTF_8.decode(wholeLines).toString());
        }

        @Override
        public void close() {}

        List<String> requestIds() {
            return String.join("", written)
                    .lines()
                    .map(line -> line.replaceAll(".*\"requestId\":\"([^\"]+)\".*", "$1"))
                    .toList();
        }
    }
}
