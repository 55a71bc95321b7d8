package dev.portcullis.fuzz;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * What Jazzer runs in place of the target itself: hears what Netty's leak detector says, and ends
 * the process, with the input in the working folder, if one input takes too long: as the processor
 * counts it, so that a busy machine, or one that stands still, is no finding. Whoever waits for
 * something that never comes is found by {@link Fuzz}, which waits for the process.
 */
public final class Watched {
    /** Names the target's class. */
    static final String TARGET = "portcullis.fuzz.target";

    /** How long one input may take: the first loads and instruments hundreds of classes. */
    private static final int HANG_SECONDS = 20;

    private static final int EXIT_CODE = 77; // As Jazzer's at a finding.

    private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();
    private static @Nullable MethodHandle target;
    private static volatile byte @Nullable [] current;
    private static volatile long begun;

    private Watched() {}

    /** The entry point of that class. */
    static MethodHandle entryPoint(Class<?> of) {
        try {
            return MethodHandles.publicLookup()
                    .findStatic(
                            of,
                            "fuzzerTestOneInput",
                            MethodType.methodType(void.class, byte[].class));
        } catch (ReflectiveOperationException e) {
            throw new IllegalArgumentException(of.getName(), e);
        }
    }

    /** Jazzer calls it once. */
    public static void fuzzerInitialize() throws ClassNotFoundException {
        hearOfLeaks();
        target = entryPoint(Class.forName(Objects.requireNonNull(System.getProperty(TARGET))));
        Thread.ofPlatform().name("hang-watch").daemon().start(watch(Thread.currentThread()));
    }

    /** Before the first buffer is made. */
    private static void hearOfLeaks() {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(
                new ResourceLeakDetectorFactory() {
                    @Override
                    @SuppressWarnings("deprecation") // No other is left to override.
                    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
                            Class<T> resource, int samplingInterval, long maxActive) {
                        var detector = new ResourceLeakDetector<T>(resource, samplingInterval);
                        detector.setLeakListener((type, records) -> LEAKS.add(type + records));
                        return detector;
                    }
                });
        Finding.unless(
                ResourceLeakDetector.getLevel() == ResourceLeakDetector.Level.PARANOID,
                "the leak detector is not paranoid");
    }

    /** One input. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // By this thread alone.
    public static void fuzzerTestOneInput(byte[] input) throws Throwable {
        current = input;
        begun = begun + 1;
        Objects.requireNonNull(target).invokeExact(input);
        current = null;
        Finding.unless(LEAKS.isEmpty(), "leaked, by this input or one before: " + LEAKS);
    }

    private static Runnable watch(Thread fuzzing) {
        var threads = ManagementFactory.getThreadMXBean();
        return () -> {
            long seen = 0;
            long seenNanos = 0;
            while (true) {
                long nanos = threads.getThreadCpuTime(fuzzing.threadId());
                byte[] input = current;
                if (input == null || begun != seen) {
                    seen = begun;
                    seenNanos = nanos;
                } else if (nanos - seenNanos > HANG_SECONDS * 1_000_000_000L) {
                    end(input, fuzzing);
                }
                try {
                    Thread.sleep(1000);
                } catch (InterruptedException e) {
                    return;
                }
            }
        };
    }

    @SuppressWarnings("SystemOut") // Jazzer's log.
    private static void end(byte[] input, Thread fuzzing) {
        var trace = new StringBuilder("hang: one input took " + HANG_SECONDS + " s and goes on");
        for (var frame : fuzzing.getStackTrace()) {
            trace.append("\n\tat ").append(frame);
        }
        System.err.println(trace);
        try {
            Files.write(Path.of("hang-" + Integer.toHexString(input.length)), input);
        } catch (IOException e) {
            System.err.println("the input could not be kept: " + e);
        }
        Runtime.getRuntime().halt(EXIT_CODE);
    }
}
