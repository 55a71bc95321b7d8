package dev.portcullis.runtime;

import com.sun.management.HotSpotDiagnosticMXBean;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.util.Comparator;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether memory is short: what lives in the heap, or what Netty holds outside it, has passed its
 * high-water mark. Looked at ten times a second from half of it on, less often below; asking costs
 * one read. Any thread.
 *
 * <p>From half of it on the event loops also let go of the free buffers that they keep for
 * themselves. One of these is enough to hold a whole chunk of Netty's pool: after a flood that left
 * one in each chunk, memory would be short for ever, and what is turned away asks for no buffer
 * that would change that.
 */
public final class MemoryWatch implements BooleanSupplier {
    private static final Logger LOG = LoggerFactory.getLogger(MemoryWatch.class);
    private static final long EVERY_MILLIS = 100;
    private static final long EVERY_MILLIS_BELOW_HALF = 300;

    /** What lives is known after a collection only: one is asked for this often while it counts. */
    private static final long COLLECT_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final double highWater;
    private final ByteBufAllocator allocator;
    private final long directMax;
    private final @Nullable MemoryPoolMXBean lasting = lastingPool();
    private final EventLoopGroup loops;
    private volatile boolean isShort;
    private long collectedNanos = System.nanoTime();

    MemoryWatch(
            double highWater, ByteBufAllocator allocator, long directMax, EventLoopGroup loops) {
        this.highWater = highWater;
        this.allocator = allocator;
        this.directMax = directMax;
        this.loops = loops;
    }

    /**
     * Begins to watch.
     *
     * @param highWaterPercent of the most that either memory may be; 10 to 100
     * @param loops those that keep buffers for themselves
     */
    public static MemoryWatch start(
            int highWaterPercent, EventLoopGroup loops, ScheduledExecutorService timer) {
        var watch =
                new MemoryWatch(
                        highWaterPercent / 100.0, ByteBufAllocator.DEFAULT, directMax(), loops);
        watch.lookAgain(timer, EVERY_MILLIS);
        return watch;
    }

    @Override
    public boolean getAsBoolean() {
        return isShort;
    }

    private void lookAgain(ScheduledExecutorService timer, long millis) {
        timer.schedule(() -> lookAgain(timer, look()), millis, TimeUnit.MILLISECONDS);
    }

    /**
     * One look.
     *
     * @return milliseconds until the next one
     */
    long look() {
        double direct = (double) directUsed() / directMax;
        double heap = heapLiving();
        boolean now = direct > highWater || heap > highWater;
        if (now != isShort) {
            isShort = now;
            LOG.atWarn()
                    .addKeyValue("direct", Math.round(direct * 100) + "%")
                    .addKeyValue("heap", Math.round(heap * 100) + "%")
                    .log(now ? "Memory is short: what is new is turned away" : "Memory is enough");
        }
        if (heap > highWater && System.nanoTime() - collectedNanos > COLLECT_NANOS) {
            System.gc();
            collectedNanos = System.nanoTime();
        }
        if (direct > highWater / 2) {
            loops.forEach(loop -> loop.execute(this::letGoOfFreeBuffers));
        }
        return Math.max(direct, heap) > highWater / 2 ? EVERY_MILLIS : EVERY_MILLIS_BELOW_HALF;
    }

    /** Of what the calling thread has not used since it was last asked to. */
    private void letGoOfFreeBuffers() {
        if (allocator instanceof PooledByteBufAllocator pooled) {
            pooled.trimCurrentThreadCache();
        }
    }

    private double heapLiving() {
        var pool = lasting;
        if (pool == null) {
            return 0;
        }
        var after = pool.getCollectionUsage();
        return after == null || after.getMax() <= 0 ? 0 : (double) after.getUsed() / after.getMax();
    }

    private long directUsed() {
        return allocator instanceof ByteBufAllocatorMetricProvider provider
                ? provider.metric().usedDirectMemory()
                : 0;
    }

    /**
     * How many bytes Netty may hold outside the heap, as it has it: by its own property, else the
     * JVM's limit, else the size of the heap.
     */
    public static long directMax() {
        long own = Long.getLong("io.netty.maxDirectMemory", -1);
        if (own > 0) {
            return own;
        }
        var hotSpot = ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class);
        long jvm =
                hotSpot == null
                        ? 0
                        : Long.parseLong(hotSpot.getVMOption("MaxDirectMemorySize").getValue());
        return jvm > 0 ? jvm : Runtime.getRuntime().maxMemory();
    }

    /**
     * Where what lives long is: the largest pool of the heap whose use after collections is known.
     */
    private static @Nullable MemoryPoolMXBean lastingPool() {
        return ManagementFactory.getMemoryPoolMXBeans().stream()
                .filter(pool -> pool.getType() == MemoryType.HEAP)
                .filter(pool -> pool.getCollectionUsage() != null)
                .filter(pool -> pool.getUsage().getMax() > 0)
                .max(Comparator.comparingLong(pool -> pool.getUsage().getMax()))
                .orElse(null);
    }
}
