package dev.portcullis.edge;

import dev.portcullis.config.LimitsConfig;
import dev.portcullis.config.PublicOrigin;
import dev.portcullis.metrics.Meters;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import java.util.function.Supplier;

/** One plain-HTTP connection: the same strict reading, and a redirect. Reaches no Gateway. */
final class RedirectPipeline extends ChannelInitializer<Channel> {
    private final Reception reception;
    private final HalfReceived half;
    private final PublicOrigin origin;
    private final Supplier<LimitsConfig> limits;
    private final TailHandler tail;

    RedirectPipeline(
            Reception reception,
            HalfReceived half,
            PublicOrigin origin,
            Supplier<LimitsConfig> limits,
            Meters meters) {
        this.reception = reception;
        this.half = half;
        this.origin = origin;
        this.limits = limits;
        this.tail = new TailHandler(meters);
    }

    @Override
    protected void initChannel(Channel channel) {
        reception.receive(channel, this::open);
    }

    private void open(Channel channel) {
        half.begin(channel);
        channel.pipeline()
                .addLast("http1", new Http1Codec(limits.get()))
                .addLast("redirect", new RedirectHandler(origin))
                .addLast("tail", tail);
    }
}
