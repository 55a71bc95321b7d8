package dev.portcullis.testing;

import io.netty.util.LeakPresenceDetector;

/**
 * Netty's leak detector with one scope per test, so that what one test leaves behind is not blamed
 * on the next. Netty loads it by the system property that the build sets for tests.
 */
public final class TestLeakDetector<T> extends LeakPresenceDetector<T> {
    private static final ResourceScope BETWEEN_TESTS = new ResourceScope("between tests");
    private static volatile ResourceScope current = BETWEEN_TESTS;

    /** Called by Netty. */
    public TestLeakDetector(Class<?> resourceType, int samplingInterval) {
        super(resourceType);
    }

    /** Called by Netty. */
    public TestLeakDetector(Class<?> resourceType, int samplingInterval, long maxActive) {
        this(resourceType, samplingInterval);
    }

    static void begin(String test) {
        current = new ResourceScope(test);
    }

    /** Throws, with the stack of each allocation, if something is still open. */
    static void end() {
        var ending = current;
        current = BETWEEN_TESTS;
        ending.close();
    }

    @Override
    protected ResourceScope currentScope() {
        return current;
    }
}
