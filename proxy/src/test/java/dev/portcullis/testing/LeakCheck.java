package dev.portcullis.testing;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Fails a test that leaves a Netty buffer unreleased: {@code @ExtendWith(LeakCheck.class)}.
 *
 * <p>Sees only what came from an allocator ({@code channel.alloc()}), not {@code Unpooled} heap
 * buffers. It counts the buffers of every thread: close channels and event loops before the test
 * ends.
 */
public final class LeakCheck implements BeforeEachCallback, AfterEachCallback {
    @Override
    public void beforeEach(ExtensionContext context) {
        TestLeakDetector.begin(context.getUniqueId());
    }

    @Override
    public void afterEach(ExtensionContext context) {
        TestLeakDetector.end();
    }
}
