package dev.portcullis.edge;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.metrics.Meters;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.group.ChannelGroup;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** One client connection, bytes to Gateway. Read downwards: a request takes this path. */
final class EdgePipeline extends ChannelInitializer<Channel> {
    private final Reception reception;
    private final Supplier<Serving> serving;
    private final Meters meters;
    private final Supplier<? extends ChannelHandler> relays;
    private final HandshakesUnderWay handshakes;
    private final HalfReceived half;
    private final TailHandler tail;
    private final ChannelGroup open;
    private final BooleanSupplier draining;

    /**
     * @param reception what is too many is closed here; a balancer says who it is
     * @param serving the configuration of the moment
     * @param meters counts what nobody caught
     * @param relays makes the stage that takes what is allowed, one for each connection or stream
     * @param handshakes those under way, of all connections
     * @param half what they have not ended yet, of all connections
     * @param open every client connection, for the stop
     * @param draining whether the stop has begun: what was accepted before and comes up now is
     *     closed
     */
    EdgePipeline(
            Reception reception,
            Supplier<Serving> serving,
            Meters meters,
            Supplier<? extends ChannelHandler> relays,
            HandshakesUnderWay handshakes,
            HalfReceived half,
            ChannelGroup open,
            BooleanSupplier draining) {
        this.reception = reception;
        this.serving = serving;
        this.meters = meters;
        this.relays = relays;
        this.tail = new TailHandler(meters);
        this.handshakes = handshakes;
        this.half = half;
        this.open = open;
        this.draining = draining;
    }

    @Override
    protected void initChannel(Channel channel) {
        reception.receive(channel, this::open); // Before TLS costs us anything.
    }

    private void open(Channel channel) {
        if (draining.getAsBoolean() || !channel.isOpen()) { // Nothing would free its engine.
            channel.close();
            return;
        }
        open.add(channel);
        half.begin(channel);
        var handshake = serving.get().tls().newHandler(channel.alloc()); // RFC 8446
        handshake.setHandshakeTimeoutMillis(limits().handshakeTime().toMillis());
        channel.pipeline()
                .addLast(
                        "handshake-guard",
                        new HandshakeGuard(limits(), meters, handshakes, handshake))
                .addLast("records", new RecordGuard()) // whole ones only
                .addLast("alpn", new AlpnGuard()) // RFC 7301 §3.2
                .addLast("tls", handshake)
                .addLast("protocol", new ProtocolChoice(this::http1, this::http2)) // RFC 7301
                .addLast("tail", tail); // whatever nobody caught
    }

    private void http1(ChannelPipeline pipeline) {
        var codec = new Http1Codec(limits()); // RFC 9112, repairing nothing
        pipeline.addBefore("tail", "http1", codec);
        requests(pipeline);
    }

    /** The stages behind TLS, before the one named {@code tail}. */
    void http2(ChannelPipeline pipeline) {
        var limits = limits();
        var control = new Http2ControlFrames(limits);
        var resets = new Http2Resets(limits.http2Resets());
        var history = new StreamHistory(limits.http2Resets());
        var turns = new Http2Turns(resets);
        var unread = new Http2Unread();
        var connection =
                new Http2Connection(limits, meters, () -> serving.get().gate(), turns, unread);
        var streams =
                new Http2MultiplexHandler(new Http2Streams(stream -> stream(stream, connection)));
        var guard = new Http2FrameGuard(limits, control, resets, history);
        var served = new ServedFrames.Rules(control, resets, history);
        pipeline.addBefore("tail", "frame-guard", guard); // floods
        var codec = Http2Codecs.server(limits, served, HalfReceived.of(pipeline.channel())::table);
        pipeline.addBefore("tail", "http2", codec); // RFC 9113
        pipeline.addBefore("tail", "unread", unread); // a byte to a frame
        pipeline.addBefore("tail", "turns", turns); // a client that will not read waits
        pipeline.addBefore("tail", "streams", streams); // each a channel of its own
        pipeline.addBefore("tail", "connection", connection); // its idling and its end
    }

    private void stream(Channel stream, Http2Connection connection) {
        connection.opened(stream);
        stream.pipeline()
                .addLast("stream", new Http2StreamCodec(limits(), connection)) // RFC 8441 too
                .addLast("tail", tail);
        requests(stream.pipeline());
    }

    /** The stages of a request, the same ones whatever protocol it came by. */
    private void requests(ChannelPipeline pipeline) {
        var gate = new GateHandler(() -> serving.get().gate());
        pipeline.addBefore("tail", "gate", gate); // who is it, may they; then acts
        pipeline.addBefore("tail", "own-routes", new OwnRoutesHandler()); // sign-in and pages
        pipeline.addBefore("tail", "relay", relays.get()); // HTTP or WebSocket, with permit
    }

    /** Those of the moment. */
    private LimitsConfig limits() {
        return serving.get().limits();
    }
}
