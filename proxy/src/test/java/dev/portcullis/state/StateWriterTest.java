package dev.portcullis.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.portcullis.state.StateFile.Kind;
import dev.portcullis.testing.CapturedLogs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The thread that writes goes on, or says that it does not. */
@Timeout(60)
class StateWriterTest {
    @TempDir Path temp;
    private final Memory memory = new Memory();
    private StateFile file;
    private StateWriter writer;

    @BeforeEach
    void open() throws IOException {
        file = opened(temp);
        writer = new StateWriter(file, memory, 100);
    }

    @AfterEach
    void close() {
        writer.close();
    }

    private static StateFile opened(Path folder) throws IOException {
        var keys = new LinkedHashMap<String, SecretKey>();
        keys.put("1", new SecretKeySpec(new byte[32], "AES"));
        return StateFile.open(folder, nothingSealed -> new SealingKeys(keys));
    }

    /** What is true, and what goes wrong when it is asked for. */
    private static final class Memory implements StateWriter.Truth {
        final Map<String, byte[]> records = new ConcurrentHashMap<>();
        volatile @Nullable Error wrong;
        volatile Runnable whenAskedForAll = () -> {};
        volatile Thread writing = Thread.currentThread();

        @Override
        public byte @Nullable [] content(Kind kind, String key) {
            writing = Thread.currentThread();
            var thrown = wrong;
            if (thrown != null) {
                throw thrown;
            }
            return kind == Kind.SESSION ? records.get(key) : null;
        }

        @Override
        public Stream<String> keys(Kind kind) {
            whenAskedForAll.run();
            return kind == Kind.SESSION ? records.keySet().stream() : Stream.of();
        }
    }

    private static void now(CompletionStage<Void> stage) {
        stage.toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join();
    }

    private CompletionStage<Void> save(String key) {
        memory.records.put(key, new byte[] {1});
        return writer.save(Kind.SESSION, key);
    }

    @Test
    void anError_failsWhatWaitedAndIsMadeUpForAfterwards() throws IOException {
        memory.wrong = new OutOfMemoryError("of a test");
        assertThatThrownBy(() -> now(save("lost"))).hasRootCauseInstanceOf(OutOfMemoryError.class);
        assertThat(writer.healthy()).isFalse();
        memory.wrong = null;
        now(save("next"));
        assertThat(writer.healthy()).isTrue();
        assertThat(kept()).containsOnlyKeys("lost", "next");
    }

    @Test
    void aThreadThatIsEnded_isSaidAndNothingIsTakenAnyMore() throws InterruptedException {
        now(save("before"));
        try (var logs = CapturedLogs.start()) {
            memory.writing.interrupt();
            memory.writing.join();
            assertThatThrownBy(() -> now(save("next")))
                    .hasRootCauseMessage("the session file takes no more changes");
            assertThat(writer.healthy()).isFalse();
            assertThat(logs.lines()).anyMatch(line -> line.contains("has no writer any more"));
        }
    }

    @Test
    void whoLeftAfterTheThreadWasEnded_isNotBroughtBackByARestart() throws Exception {
        now(save("left"));
        now(save("stayed"));
        memory.writing.interrupt();
        memory.writing.join();
        memory.records.remove("left");
        assertThatThrownBy(() -> now(writer.save(Kind.SESSION, "left")))
                .hasRootCauseInstanceOf(IllegalStateException.class);
        assertThat(kept()).containsOnlyKeys("stayed");
    }

    @Test
    void aRecoveryThatIsCutShort_losesNothing(@TempDir Path copy) throws IOException {
        now(save("old"));
        memory.wrong = new OutOfMemoryError("of a test");
        assertThatThrownBy(() -> now(save("new"))).hasRootCauseInstanceOf(OutOfMemoryError.class);
        memory.wrong = null;
        memory.whenAskedForAll =
                () -> {
                    file.commit(); // As the store does by itself when much has changed.
                    try {
                        Files.copy(
                                temp.resolve("sessions.mv"),
                                copy.resolve("sessions.mv"),
                                StandardCopyOption.COPY_ATTRIBUTES,
                                StandardCopyOption.REPLACE_EXISTING);
                    } catch (IOException failure) {
                        throw new UncheckedIOException(failure);
                    }
                };
        now(writer.save(Kind.SESSION, "new"));
        assertThat(kept(copy)).containsKey("old");
    }

    @Test
    void aFileThatNeverMendsUntilTheEnd_staysAsItWas() throws IOException {
        now(save("old"));
        memory.wrong = new OutOfMemoryError("of a test");
        assertThatThrownBy(() -> now(save("new"))).hasRootCauseInstanceOf(OutOfMemoryError.class);
        assertThat(kept()).containsOnlyKeys("old");
    }

    @Test
    void aChangeThatFoundNoRoom_isWrittenAllTheSame() throws Exception {
        writer.close();
        var slow = new Slow();
        writer = new StateWriter(opened(temp), slow, 1);
        var first = writer.save(Kind.SESSION, "1");
        slow.asked.acquire();
        var waits = writer.save(Kind.SESSION, "2");
        assertThat(writer.save(Kind.SESSION, "3").toCompletableFuture()).isCompletedExceptionally();
        slow.free.release(1_000);
        now(first);
        now(waits);
        assertThat(kept()).containsOnlyKeys("1", "2", "3");
    }

    private static final class Slow implements StateWriter.Truth {
        final Semaphore asked = new Semaphore(0);
        final Semaphore free = new Semaphore(0);

        @Override
        public byte @Nullable [] content(Kind kind, String key) {
            if (key.isEmpty()) {
                return null; // What wakes it up, to close.
            }
            asked.release();
            free.acquireUninterruptibly();
            return new byte[] {1};
        }

        @Override
        public Stream<String> keys(Kind kind) {
            return kind == Kind.SESSION ? Stream.of("1", "2", "3") : Stream.of();
        }
    }

    private Map<String, byte[]> kept() throws IOException {
        writer.close();
        return kept(temp);
    }

    private static Map<String, byte[]> kept(Path folder) throws IOException {
        var kept = new ConcurrentHashMap<String, byte[]>();
        try (var file = opened(folder)) {
            file.load(Kind.SESSION, kept::put);
        }
        return kept;
    }
}
