package dev.portcullis.state;

import dev.portcullis.state.StateFile.Kind;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings memory to the disk, on one thread of its own: what waits is written together and committed
 * once. It is told names only and looks up what is true when it writes, so that no order of two
 * changes can leave on the disk what memory has let go of. Memory stays the truth: after a failure
 * the file is written anew from it. Whatever goes wrong, the thread goes on; if it is ended by
 * others than {@link #close}, nothing is taken any more, and {@link #close} makes up for it.
 */
final class StateWriter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StateWriter.class);
    private static final int BATCH = 1024;
    private static final long PAUSE_MILLIS = 1000;
    private static final int PAUSES_PER_COMPACTION = 60;
    private static final long CLOSE_MILLIS = 10_000;

    private static final List<Kind> IDS_FIRST =
            List.of(Kind.REVOKED, Kind.USED_ID, Kind.SIGN_IN, Kind.SESSION);

    /** What is true, for the writer; any thread. */
    interface Truth {
        /** The record as it is now; null if there is none. */
        byte @Nullable [] content(Kind kind, String key);

        /** Every key there is now. */
        Stream<String> keys(Kind kind);
    }

    private record Job(Kind kind, String key, CompletableFuture<Void> done) {}

    /** Changes nothing: it wakes the writer up, so that it sees that it may go. */
    private static final Job WAKE = new Job(Kind.SESSION, "", new CompletableFuture<>());

    private final StateFile file;
    private final Truth truth;
    private final LinkedBlockingQueue<Job> waiting;
    private final Thread thread;
    private volatile boolean closing;
    private volatile boolean ended;
    private volatile boolean healthy = true;
    // Changes that found no room: only memory knows of them.
    private volatile boolean missed;

    /**
     * Begins.
     *
     * @param file ours from now on
     * @param waitingMax how many changes may wait for the disk
     */
    StateWriter(StateFile file, Truth truth, int waitingMax) {
        this.file = file;
        this.truth = truth;
        this.waiting = new LinkedBlockingQueue<>(waitingMax);
        this.thread = Thread.ofPlatform().name("portcullis-state").daemon().start(this::run);
    }

    /** Something changed under that name. Done when it is on the disk. */
    CompletionStage<Void> save(Kind kind, String key) {
        var done = new CompletableFuture<Void>();
        if (closing) {
            done.completeExceptionally(noMore());
        } else if (ended) {
            missed = true;
            done.completeExceptionally(noMore());
        } else if (!waiting.offer(new Job(kind, key, done))) {
            missed = true;
            done.completeExceptionally(noMore());
        } else if (ended) {
            refuseWaiting(); // It ended in between, and may not have seen this one.
        }
        return done;
    }

    private static IllegalStateException noMore() {
        return new IllegalStateException("the session file takes no more changes");
    }

    /** Whether the last write succeeded, and there will be a next. */
    boolean healthy() {
        return healthy && !ended;
    }

    private void run() {
        try {
            writeUntilClosed();
        } finally {
            ended = true;
            refuseWaiting();
            if (!closing) {
                LOG.error("the session file has no writer any more: nobody new is let in");
            }
        }
    }

    private void refuseWaiting() {
        for (var job = waiting.poll(); job != null; job = waiting.poll()) {
            if (!job.equals(WAKE)) {
                missed = true;
            }
            job.done.completeExceptionally(noMore());
        }
    }

    private void writeUntilClosed() {
        int pauses = 0;
        while (!closing || !waiting.isEmpty()) {
            try {
                var first = waiting.poll(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    write(batch(first));
                } else if (!healthy || missed) {
                    recover();
                } else if (++pauses % PAUSES_PER_COMPACTION == 0) {
                    file.compact();
                }
            } catch (InterruptedException notByClosing) {
                return; // Nobody of ours does that; it is said on the way out.
            } catch (Throwable failure) { // Also an Error: without this thread nothing is kept.
                failed(failure);
            }
        }
    }

    private List<Job> batch(Job first) {
        var batch = new ArrayList<Job>();
        batch.add(first);
        waiting.drainTo(batch, BATCH);
        return batch;
    }

    private void write(List<Job> batch) {
        try {
            if (healthy && !missed) {
                batch.forEach(job -> bring(job.kind, job.key));
                file.commit();
            } else {
                recover();
            }
        } catch (Throwable failure) { // Whoever waits must hear of it, whatever it is.
            try {
                failed(failure);
            } finally {
                batch.forEach(job -> job.done.completeExceptionally(failure));
            }
            return;
        }
        batch.forEach(job -> job.done.complete(null));
    }

    private void bring(Kind kind, String key) {
        var content = truth.content(kind, key);
        if (content == null) {
            file.remove(kind, key);
        } else {
            file.put(kind, key, content);
        }
    }

    /**
     * The store may commit at any point of this, and we may be killed there: so nothing that is
     * true is taken out meanwhile, and who left stays out before anybody comes in.
     */
    private void recover() throws IOException {
        missed = false; // What is missed from here on is written anew once more.
        file.reopen();
        for (var kind : IDS_FIRST) {
            truth.keys(kind).forEach(key -> bring(kind, key));
            file.keys(kind).forEach(key -> removeUntrue(kind, key));
        }
        file.commit();
        if (!healthy) {
            LOG.info("the session file can be written again");
        }
        healthy = true;
    }

    private void removeUntrue(Kind kind, String key) {
        if (truth.content(kind, key) == null) {
            file.remove(kind, key);
        }
    }

    private void failed(Throwable failure) {
        boolean first = healthy;
        healthy = false;
        if (first) {
            LOG.error("the session file cannot be written: nobody new is let in", failure);
        }
    }

    /** Writes what waits, or what was missed, and lets go of the file. */
    @Override
    public void close() {
        if (closing) {
            return;
        }
        closing = true;
        var _ = waiting.offer(WAKE); // If there is no room, it is awake.
        if (hasEnded() && isUpToDate()) {
            file.close();
        } else {
            file.abandon();
        }
    }

    private boolean hasEnded() {
        try {
            if (thread.join(Duration.ofMillis(CLOSE_MILLIS))) {
                return true;
            }
            LOG.error("the session file did not take its last changes in time");
        } catch (InterruptedException hurry) {
            Thread.currentThread().interrupt();
        }
        return false;
    }

    /** The writer has ended: its file is ours. */
    private boolean isUpToDate() {
        if (healthy && !missed) {
            return true;
        }
        try {
            recover();
            return true;
        } catch (Throwable failure) { // Whatever it is, the file is let go of.
            LOG.error("the session file did not take its last changes", failure);
            return false;
        }
    }
}
