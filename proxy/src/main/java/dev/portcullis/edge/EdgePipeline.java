package dev.portcullis.edge;

import dev.portcullis.upstream.Gateway;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.ssl.SslContext;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** One client connection, bytes to Gateway. Read downwards: a request takes this path. */
final class EdgePipeline extends ChannelInitializer<Channel> {
    private final ConnectionGuard connections;
    private final Supplier<SslContext> tls;
    private final Gate gate;
    private final Gateway gateway;
    private final TailHandler tail;
    private final ChannelGroup open;
    private final BooleanSupplier draining;

    /**
     * @param connections what is too many is closed here
     * @param tls the certificate of the moment
     * @param gate decides
     * @param gateway where what is allowed goes
     * @param open every client connection, for the stop
     * @param draining whether the stop has begun: what was accepted before and comes up now is
     *     closed
     */
    EdgePipeline(
            ConnectionGuard connections,
            Supplier<SslContext> tls,
            Gate gate,
            Gateway gateway,
            ChannelGroup open,
            BooleanSupplier draining) {
        this.connections = connections;
        this.tls = tls;
        this.gate = gate;
        this.gateway = gateway;
        this.tail = new TailHandler(gate.meters());
        this.open = open;
        this.draining = draining;
    }

    @Override
    protected void initChannel(Channel channel) {
        if (draining.getAsBoolean()
                || !connections.admits(channel)) { // Before TLS costs us anything.
            channel.close();
            return;
        }
        open.add(channel);
        var handshake = tls.get().newHandler(channel.alloc()); // RFC 8446
        handshake.setHandshakeTimeoutMillis(gate.limits().handshakeTime().toMillis());
        var pipeline = channel.pipeline();
        pipeline.addLast("tls", handshake);
        pipeline.addLast("http1", new Http1Codec(gate.limits())); // RFC 9112, repairing nothing
        pipeline.addLast("gate", new GateHandler(gate)); // who is it, may they; then acts
        pipeline.addLast("own-routes", new OwnRoutesHandler(gate.ownRoutes())); // sign-in and pages
        pipeline.addLast("relay", gateway.newRelay()); // HTTP or WebSocket, permit in hand
        pipeline.addLast("tail", tail); // whatever nobody caught
    }
}
