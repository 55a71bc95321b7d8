package dev.portcullis.fuzz;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * What Jazzer runs in place of the target itself: hears what Netty's leak detector says, and ends
 * the process, with the input in the working folder, if one input takes too long. That time is
 * counted in seconds in which this process ran, so that a machine that stands still is no finding.
 */
public final class Watched {
    /** Names the target's class. */
    static final String TARGET = "portcullis.fuzz.target";

    /** How long one input may take. */
    static final int HANG_SECONDS = 10;

    private static final int EXIT_CODE = 77; // As Jazzer's at a finding.

    private static final Queue<String> LEAKS = new ConcurrentLinkedQueue<>();
    private static @Nullable MethodHandle target;
    private static volatile byte @Nullable [] current;

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
    public static void fuzzerTestOneInput(byte[] input) throws Throwable {
        current = input;
        Objects.requireNonNull(target).invokeExact(input);
        current = null;
        Finding.unless(LEAKS.isEmpty(), "leaked, by this input or one before: " + LEAKS);
    }

    private static Runnable watch(Thread fuzzing) {
        return () -> {
            byte[] seen = null;
            for (int seconds = 0; seconds < HANG_SECONDS; ) {
                try {
                    Thread.sleep(1000);
                } catch (InterruptedException e) {
                    return;
                }
                byte[] now = current;
                seconds = now != null && now == seen ? seconds + 1 : 0;
                seen = now;
            }
            end(Objects.requireNonNull(seen), fuzzing);
        };
    }

    @SuppressWarnings("SystemOut") // Jazzer's log.
    private static void end(byte[] input, Thread fuzzing) {
        var trace = new StringBuilder("hang: one input takes " + HANG_SECONDS + " s and goes on");
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
