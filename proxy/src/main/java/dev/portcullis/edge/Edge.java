package dev.portcullis.edge;

import dev.portcullis.config.ClientAuthConfig;
import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.identity.TokenAuthenticator;
import dev.portcullis.policy.ConnectionLimit;
import dev.portcullis.runtime.Descriptors;
import dev.portcullis.runtime.MemoryWatch;
import dev.portcullis.runtime.Transport;
import dev.portcullis.upstream.Gateway;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelOption;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The public side: opens the listeners, and ends their connections in good order. */
public final class Edge implements AutoCloseable {
    /** For a close frame to go out and its answer to come, when nobody waits any longer. */
    private static final Duration LAST_WORDS = Duration.ofSeconds(1);

    /** What half received bytes may be of all that Netty may hold; they cost twice themselves. */
    private static final int HALF_RECEIVED = 8;

    private final Transport transport;
    private final UserCounts requests = new UserCounts();
    private final UserCounts sockets = new UserCounts();
    private final ChannelGroup open = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
    private final List<Channel> listeners = new ArrayList<>();
    private final List<Future<?>> timers = new ArrayList<>();
    private final TicketKeys tickets = new TicketKeys();
    private volatile Serving serving;
    private volatile boolean draining;
    private volatile boolean hurried;
    private @Nullable InetSocketAddress address;
    private @Nullable InetSocketAddress redirectAddress;

    private Edge(
            Transport transport,
            PortcullisConfig config,
            GateParts parts,
            TokenAuthenticator tokens)
            throws IOException {
        this.transport = transport;
        this.serving = made(config, parts, tokens);
    }

    /**
     * Opens the listeners.
     *
     * @throws IOException if an address cannot be bound, or the certificate not be used
     */
    public static Edge open(
            Transport transport,
            PortcullisConfig config,
            GateParts parts,
            TokenAuthenticator tokens,
            ConnectionLimit limit,
            Gateway gateway)
            throws IOException {
        var edge = new Edge(transport, config, parts, tokens);
        edge.rotateTickets();
        edge.makeRoom(parts.overloaded());
        var meters = parts.meters();
        int awaited = Descriptors.awaited(config.limits().handshakes());
        var reception =
                new Reception(
                        limit,
                        new Unproven(() -> edge.serving.limits().unprovenTime(), meters),
                        meters,
                        config.trustedBalancers(),
                        () -> edge.serving.limits(),
                        parts.overloaded(),
                        new HandshakesUnderWay(awaited, transport.threads(), meters));
        var handshakes =
                new HandshakesUnderWay(config.limits().handshakes(), transport.threads(), meters);
        long half = MemoryWatch.directMax() / HALF_RECEIVED;
        var halfReceived = new HalfReceived(half, transport.threads(), meters);
        try {
            edge.address =
                    edge.bind(
                            config.listen(),
                            new EdgePipeline(
                                    reception,
                                    () -> edge.serving,
                                    meters,
                                    gateway::newRelay,
                                    handshakes,
                                    halfReceived,
                                    edge.open,
                                    edge::isDraining));
            var redirect = config.redirectListen();
            if (redirect != null) {
                edge.redirectAddress =
                        edge.bind(
                                redirect,
                                new RedirectPipeline(
                                        reception,
                                        halfReceived,
                                        config.publicOrigin(),
                                        () -> edge.serving.limits(),
                                        meters));
            }
            return edge;
        } catch (IOException | RuntimeException failure) {
            edge.close();
            throw failure;
        }
    }

    private void rotateTickets() {
        every(TicketKeys.ROTATION.toSeconds(), tickets::rotate);
    }

    /** While memory is short: those who hold it for nothing make room. */
    private void makeRoom(BooleanSupplier memoryShort) {
        every(
                1,
                () -> {
                    if (memoryShort.getAsBoolean()) {
                        open.forEach(channel ->
                                channel.pipeline().fireUserEventTriggered(MemoryShort.EVENT));
                    }
                });
    }

    /** So many seconds after it was last done, until {@link #close}, whatever becomes of one. */
    private void every(long seconds, Runnable work) {
        Runnable unfailing =
                () -> {
                    try {
                        work.run();
                    } catch (RuntimeException fault) {
                        Faults.report(fault);
                    }
                };
        var loop = transport.loops().next();
        timers.add(loop.scheduleWithFixedDelay(unfailing, seconds, seconds, TimeUnit.SECONDS));
    }

    private Serving made(PortcullisConfig config, GateParts parts, TokenAuthenticator tokens)
            throws IOException {
        var tls = TlsContexts.server(config.tls());
        var made = new Serving(parts.gate(config, tokens, requests, sockets), tls);
        if (config.tls().clients().mode() == ClientAuthConfig.Mode.NONE) {
            tickets.serve(tls);
        } else {
            tickets.rest(); // See FreedTlsContext.
        }
        return made;
    }

    /**
     * Serves another configuration from now on: new connections its certificate and limits, new
     * requests its rules. What is open is not touched; see {@link
     * dev.portcullis.session.LiveConnections#judgeAgain()}.
     *
     * @throws IOException if the certificate cannot be used; then nothing has changed
     */
    public void serve(PortcullisConfig config, GateParts parts, TokenAuthenticator tokens)
            throws IOException {
        serving = made(config, parts, tokens);
    }

    private InetSocketAddress bind(InetSocketAddress at, ChannelHandler pipeline)
            throws IOException {
        var listener =
                new ServerBootstrap()
                        .group(transport.loops())
                        .channel(transport.serverChannelType())
                        .handler(new AcceptPause())
                        .option(ChannelOption.SO_BACKLOG, 4096)
                        .option(ChannelOption.SO_REUSEADDR, true)
                        .option(ChannelOption.SO_RCVBUF, serving.limits().socketBuffer())
                        .childOption(ChannelOption.AUTO_READ, false)
                        .childOption(ChannelOption.RECVBUF_ALLOCATOR, Transport.READ_SIZES)
                        .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, Gateway.WATER_MARK)
                        .childHandler(pipeline); // Netty sets TCP_NODELAY itself.
        transport.boundSendBuffers(listener, serving.limits().socketBuffer());
        var bound = listener.bind(at).awaitUninterruptibly();
        if (!bound.isSuccess()) {
            throw new IOException("cannot listen on " + at + ": " + bound.cause().getMessage());
        }
        listeners.add(bound.channel());
        return (InetSocketAddress) bound.channel().localAddress();
    }

    /** Where browsers and programs connect. */
    public InetSocketAddress address() {
        return java.util.Objects.requireNonNull(address);
    }

    /** Where plain HTTP is redirected, or null. */
    public @Nullable InetSocketAddress redirectAddress() {
        return redirectAddress;
    }

    /** Whether the stop has begun. */
    public boolean isDraining() {
        return draining;
    }

    /**
     * Takes no new connections and lets the open ones end: idle ones now, answers under way when
     * they are out, sockets with a close frame at a moment of their own. Blocks until all are gone
     * or the time is up, of which {@link #hurry} leaves a second.
     *
     * @return whether all ended by themselves
     */
    public boolean drain() {
        draining = true;
        closeListeners();
        var limits = serving.limits();
        long end = System.nanoTime() + limits.drainJitter().plus(limits.drainGrace()).toNanos();
        tellToGo(limits.drainJitter().toMillis());
        if (awaitGone(end, false)) {
            return true;
        }
        if (hurried) {
            tellToGo(0);
            long soon = System.nanoTime() + LAST_WORDS.toNanos();
            awaitGone(soon - end < 0 ? soon : end, true);
        }
        return false;
    }

    private void tellToGo(long jitterMillis) {
        for (var channel : open) {
            long delay =
                    jitterMillis == 0 || hurried
                            ? 0
                            : ThreadLocalRandom.current().nextLong(jitterMillis);
            channel.pipeline().fireUserEventTriggered(new Drain(delay));
        }
    }

    private boolean awaitGone(long end, boolean toTheEnd) {
        while (!open.isEmpty() && System.nanoTime() - end < 0 && (toTheEnd || !hurried)) {
            var _ = open.newCloseFuture().awaitUninterruptibly(100, TimeUnit.MILLISECONDS);
        }
        return open.isEmpty();
    }

    /**
     * Nobody waits any longer: every socket is told to go at once, and what is still open a second
     * later is for {@link #close}. Any thread, before the drain or during it.
     */
    public void hurry() {
        hurried = true;
    }

    private void closeListeners() {
        listeners.forEach(listener -> listener.close().awaitUninterruptibly());
        listeners.clear();
    }

    /** Cuts what is still open. */
    @Override
    public void close() {
        timers.forEach(timer -> timer.cancel(false));
        closeListeners();
        open.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    }
}
