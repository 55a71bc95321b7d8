package dev.portcullis.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.testing.Await;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class MemoryWatchTest {
    /** The largest that a thread keeps for itself when it is free. */
    private static final int KEPT = 32 * 1024;

    /** 32 MiB. */
    private static final int BUFFERS = 1024;

    @Test
    void freeBufferInEachChunk_doesNotMakeMemoryShortForEver() throws Exception {
        var pool = PooledByteBufAllocator.DEFAULT;
        int perChunk = pool.metric().chunkSize() / KEPT;
        var loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        try {
            loops.submit(() -> fillAndFree(pool, perChunk)).get(30, TimeUnit.SECONDS);
            long left = pool.metric().usedDirectMemory();
            assertThat(left).as("left by the flood").isGreaterThan(BUFFERS / 2 * KEPT);

            var watch = new MemoryWatch(0.85, pool, left, loops);
            Await.until("memory is enough again", () -> isEnough(watch));
            assertThat(pool.metric().usedDirectMemory()).isLessThan(left / 2);
        } finally {
            loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).sync();
        }
    }

    private static boolean isEnough(MemoryWatch watch) {
        watch.look();
        return !watch.getAsBoolean();
    }

    /** One of each chunk goes first, and is kept by the thread; the others find no room there. */
    private static void fillAndFree(PooledByteBufAllocator pool, int perChunk) {
        var all = new ArrayList<ByteBuf>();
        for (int i = 0; i < BUFFERS; i++) {
            all.add(pool.directBuffer(KEPT, KEPT));
        }
        for (int i = 0; i < all.size(); i += perChunk) {
            all.get(i).release();
        }
        for (int i = 0; i < all.size(); i++) {
            if (i % perChunk != 0) {
                all.get(i).release();
            }
        }
    }
}
