package dev.portcullis.e2e;

import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Asks for the same page again and again through whatever happens, on one connection as long as it
 * stays open, and keeps what it saw.
 */
final class Visitor implements AutoCloseable {
    private final Door door;
    private final String request;
    private final long pauseMillis;
    private final CompletableFuture<Void> going;
    private final Map<Integer, Integer> seen = new ConcurrentSkipListMap<>();
    private volatile boolean over;
    private final AtomicInteger unanswered = new AtomicInteger();
    private volatile long goodNanos;
    private volatile long longestNanos;

    /** Where it goes in. */
    @FunctionalInterface
    interface Door {
        DoorClient connect() throws IOException;
    }

    /**
     * @param pauseMillis between an answer and the next request
     */
    Visitor(Sidecar sidecar, String request, long pauseMillis) {
        this(sidecar::connect, request, pauseMillis);
    }

    /** In its own way. */
    Visitor(Door door, String request, long pauseMillis) {
        this.door = door;
        this.request = request;
        this.pauseMillis = pauseMillis;
        var visit = new CompletableFuture<Void>();
        Thread.ofPlatform().name("visitor").start(() -> visit(visit));
        this.going = visit;
    }

    private void visit(CompletableFuture<Void> visit) {
        try {
            while (!over) {
                try (var client = door.connect()) {
                    while (!over && ask(client)) {
                        FaultStage.pause(pauseMillis);
                    }
                }
            }
            visit.complete(null);
        } catch (IOException | AssertionError failure) {
            visit.completeExceptionally(failure);
        }
    }

    /** Whether the connection stays open. */
    private boolean ask(DoorClient client) throws IOException {
        long begun = System.nanoTime();
        var answer = client.send(request).answerIfAny();
        if (answer.isEmpty()) {
            unanswered.incrementAndGet();
            return false;
        }
        long now = System.nanoTime();
        longestNanos = Math.max(longestNanos, now - begun);
        int status = answer.get().status();
        seen.merge(status, 1, Integer::sum);
        if (status == 200 && goodNanos == 0) {
            goodNanos = now;
        }
        return !answer.get().field("connection").orElse("").equals("close");
    }

    /** From now on it waits for a first good answer. */
    void forgetGood() {
        goodNanos = 0;
    }

    /** When the first good answer was whole, in monotonic time; 0 before. */
    long goodNanos() {
        return goodNanos;
    }

    /** How many answers there were of each status. */
    Map<Integer, Integer> seen() {
        return new TreeMap<>(seen);
    }

    /** Requests whose connection ended without an answer. */
    int unanswered() {
        return unanswered.get();
    }

    long longestNanos() {
        return longestNanos;
    }

    /** Goes home; fails if a connection broke in the middle of an answer. */
    @Override
    public void close() {
        over = true;
        going.join();
    }
}
