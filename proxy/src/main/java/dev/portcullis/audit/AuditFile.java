package dev.portcullis.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit log on disk: {@code audit.jsonl}, one JSON object per line, written by one thread
 * behind a bounded queue. {@code docs/audit.md} describes the lines.
 *
 * <p>Taking an event costs no lock and no I/O, so event loops may call it. When a write fails,
 * nothing more is taken until that same write has succeeded: what was taken is never dropped while
 * the process lives, and nothing is forwarded meanwhile.
 */
public final class AuditFile implements AuditLog, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AuditFile.class);
    private static final Duration RETRY = Duration.ofMillis(500);
    private static final Duration DRAIN_MAX = Duration.ofSeconds(5);
    private static final int BATCH_MAX = 256;

    /** How long the writer leaves the queue alone after a write that emptied it. */
    private static final Duration GATHER = Duration.ofMillis(5);

    private final ConcurrentLinkedQueue<AuditEvent> queue = new ConcurrentLinkedQueue<>();
    private final AtomicInteger depth = new AtomicInteger();
    private final LongAdder refused = new LongAdder();
    private final AuditLineWriter lines = new AuditLineWriter();
    private final Sink sink;
    private final int queueMax;
    private final Duration retry;
    private final Thread writer;
    private volatile boolean writing = true;
    private volatile boolean closing;
    private volatile boolean idle;

    /** Where finished lines go. Used by the writer thread alone. */
    interface Sink extends AutoCloseable {
        /**
         * Writes whole lines: all of them, or fails and can be called again with the same ones
         * without leaving a torn or a doubled line behind.
         */
        void write(ByteBuffer wholeLines) throws IOException;

        @Override
        void close() throws IOException;
    }

    AuditFile(Sink sink, int queueMax, Duration retry) {
        this.sink = sink;
        this.queueMax = queueMax;
        this.retry = retry;
        this.writer = Thread.ofPlatform().name("portcullis-audit").daemon().unstarted(this::run);
        writer.start();
    }

    /**
     * Opens {@code audit.jsonl} in the directory for appending; makes both if they are missing, for
     * our user alone.
     *
     * @param queueMax events that may wait for the disk, at least 1
     * @throws IOException if the directory or the file cannot be made or opened; names the path
     */
    public static AuditFile open(Path directory, int queueMax) throws IOException {
        try {
            return new AuditFile(AppendingFile.open(directory), queueMax, RETRY);
        } catch (IOException failure) {
            var expected = " (expected: a folder that only we can write to)";
            throw new IOException(
                    "audit.directory: " + directory + ": " + failure + expected, failure);
        }
    }

    @Override
    public boolean accept(AuditEvent event) {
        // Counted first, checked second: close() waits for every event that was counted before it.
        boolean taken = depth.incrementAndGet() <= queueMax && writing && !closing;
        if (!taken) {
            depth.decrementAndGet();
            refused.increment();
            return false;
        }
        queue.add(event);
        if (idle) {
            LockSupport.unpark(writer);
        }
        return true;
    }

    /** Whether events are being taken: the last write worked and the writer lives. */
    public boolean healthy() {
        return writing && !closing;
    }

    /** Events taken and not yet written. */
    public int depth() {
        return depth.get();
    }

    /** Events not taken since the start. */
    public long refused() {
        return refused.sum();
    }

    /** Takes nothing more, writes what was taken, and ends the writer; waits 5 s for it at most. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(writer);
        try {
            if (!writer.join(DRAIN_MAX)) {
                LOG.atError().addKeyValue("lost", depth.get()).log("audit events not written");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        try (sink) {
            var batch = new ArrayList<AuditEvent>(BATCH_MAX);
            while (await()) {
                take(batch);
                write(batch);
                depth.addAndGet(-batch.size());
                gather(batch.size());
                batch.clear();
            }
        } catch (IOException failure) {
            LOG.atError().setCause(failure).log("the audit file did not close cleanly");
        } catch (RuntimeException | Error bug) {
            LOG.atError().setCause(bug).log("the audit writer died; nothing is forwarded any more");
        } finally {
            writing = false;
        }
    }

    /** Waits for an event; false when there is none and none will come. */
    private boolean await() {
        while (queue.isEmpty()) {
            if (closing && depth.get() == 0) {
                return false;
            }
            idle = true;
            if (queue.isEmpty() && !(closing && depth.get() == 0)) {
                // The time bound costs two wake-ups a second and forgives a lost one.
                LockSupport.parkNanos(this, RETRY.toNanos());
            }
            idle = false;
        }
        return true;
    }

    /**
     * Lets events come together before the next write: to be woken for each costs the loop as much
     * as the whole decision. The first event after a pause is written at once.
     */
    private void gather(int written) {
        if (written < BATCH_MAX && !closing) {
            LockSupport.parkNanos(this, GATHER.toNanos());
        }
    }

    private void take(List<AuditEvent> batch) {
        while (batch.size() < BATCH_MAX) {
            var event = queue.poll();
            if (event == null) {
                return;
            }
            batch.add(event);
        }
    }

    private void write(List<AuditEvent> batch) {
        var bytes = lines.write(batch);
        while (true) {
            try {
                sink.write(bytes.rewind());
                recovered();
                return;
            } catch (IOException failure) {
                failed(failure);
                LockSupport.parkNanos(this, retry.toNanos());
            }
        }
    }

    private void recovered() {
        if (!writing) {
            writing = true;
            LOG.info("the audit file is written again; requests are forwarded again");
        }
    }

    private void failed(IOException failure) {
        if (writing) {
            writing = false;
            LOG.atError()
                    .addKeyValue("why", failure.toString())
                    .log("the audit file cannot be written; nothing is forwarded until it can");
        }
    }
}
