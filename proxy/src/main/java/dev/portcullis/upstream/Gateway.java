package dev.portcullis.upstream;

import dev.portcullis.config.GatewayConfig;
import dev.portcullis.config.LimitsConfig;
import dev.portcullis.config.PublicOrigin;
import dev.portcullis.config.RateLimitsConfig;
import dev.portcullis.metrics.Meters;
import dev.portcullis.runtime.Transport;
import io.github.bucket4j.TimeMeter;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The one upstream there is. Its address comes from the configuration, is a loopback literal, and
 * nothing in a request can change it. Any thread.
 */
public final class Gateway {
    /** Reading one side stops while more than this waits for the other, in bytes. */
    public static final WriteBufferWaterMark WATER_MARK =
            new WriteBufferWaterMark(32 * 1024, 64 * 1024);

    private final Bootstrap bootstrap;
    private final GatewayConfig config;
    private final PublicOrigin origin;
    private volatile GatewayHead head;
    private volatile LimitsConfig limits;
    private volatile SocketRates rates;
    private final Meters meters;
    private final GatewayHealth health;
    private final AtomicInteger open = new AtomicInteger();

    /** Who waits for those that stand idle to make room. */
    private final AtomicInteger waiting = new AtomicInteger();

    private final Map<EventLoop, GatewayPool> pools = new ConcurrentHashMap<>();

    /**
     * @param loops the event loops of the clients
     * @param channelType fits them
     * @throws IllegalArgumentException if the address is not a loopback literal
     */
    public Gateway(
            GatewayConfig config,
            PublicOrigin origin,
            LimitsConfig limits,
            RateLimitsConfig rates,
            Meters meters,
            EventLoopGroup loops,
            Class<? extends Channel> channelType) {
        requireLoopback(config.address());
        this.config = config;
        this.origin = origin;
        this.limits = limits;
        this.rates = SocketRates.of(rates);
        this.meters = meters;
        this.head = new GatewayHead(config, origin, limits.head());
        this.bootstrap =
                new Bootstrap()
                        .channel(channelType)
                        .remoteAddress(config.address())
                        .option(ChannelOption.AUTO_READ, false)
                        .option(ChannelOption.RECVBUF_ALLOCATOR, Transport.READ_SIZES)
                        .option(ChannelOption.SO_RCVBUF, limits.socketBuffer())
                        .option(ChannelOption.SO_SNDBUF, limits.socketBuffer())
                        .option(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK)
                        .option(
                                ChannelOption.CONNECT_TIMEOUT_MILLIS,
                                Math.toIntExact(limits.gatewayConnectTime().toMillis()));
        this.health = new GatewayHealth(loops, bootstrap);
    }

    private static void requireLoopback(InetSocketAddress address) {
        InetAddress ip = address.getAddress();
        if (ip == null || !ip.isLoopbackAddress()) {
            throw new IllegalArgumentException(
                    "gateway.address: " + address + " (expected: a loopback literal)");
        }
    }

    /** From now on. */
    public void limits(LimitsConfig changed, RateLimitsConfig changedRates) {
        limits = changed;
        rates = SocketRates.of(changedRates);
        head = new GatewayHead(config, origin, changed.head());
    }

    /** The relay stage for one client connection. */
    public GatewayRelay newRelay() {
        return new GatewayRelay(this);
    }

    GatewayPool pool(EventLoop loop) {
        return pools.computeIfAbsent(loop, l -> new GatewayPool(l, bootstrap, this));
    }

    GatewayHead head() {
        return head;
    }

    /** How fast one WebSocket may be, from its beginning. */
    SocketPace newPace() {
        return new SocketPace(rates, meters, TimeMeter.SYSTEM_NANOTIME);
    }

    LimitsConfig limits() {
        return limits;
    }

    Meters meters() {
        return meters;
    }

    /** Whether the Gateway is there. */
    public GatewayHealth health() {
        return health;
    }

    /** Counts a connection in, unless there are too many. */
    boolean tryOpen() {
        if (open.incrementAndGet() <= limits.gatewayConnections()) {
            return true;
        }
        open.decrementAndGet();
        return false;
    }

    /** Whether there is no room for all who wait for it. */
    boolean isFull() {
        return open.get() + waiting.get() > limits.gatewayConnections();
    }

    /** Somebody does not wait any longer. */
    void waitedForRoom() {
        waiting.decrementAndGet();
    }

    /** There are too many: those that stand idle, on whatever loop, make room. */
    void makeRoomForAnother() {
        waiting.incrementAndGet();
        pools.values().forEach(GatewayPool::makeRoom);
    }

    /** Counts a connection out again. */
    void closed() {
        open.decrementAndGet();
    }
}
