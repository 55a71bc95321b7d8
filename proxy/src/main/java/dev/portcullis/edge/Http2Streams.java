package dev.portcullis.edge;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.WriteBufferWaterMark;
import java.util.function.Consumer;

/** Sets up the channel of each stream that a client opens on one HTTP/2 connection. */
final class Http2Streams extends ChannelInitializer<Channel> {
    /**
     * Reading the Gateway stops while more than this waits for one stream, in bytes. Half of what a
     * connection of its own may hold: a client has up to a hundred of these.
     */
    private static final WriteBufferWaterMark WATER_MARK =
            new WriteBufferWaterMark(16 * 1024, 32 * 1024);

    private final Consumer<Channel> pipeline;

    /**
     * @param pipeline lays the pipeline of each
     */
    Http2Streams(Consumer<Channel> pipeline) {
        this.pipeline = pipeline;
    }

    @Override
    protected void initChannel(Channel stream) {
        stream.config().setOption(ChannelOption.AUTO_READ, false);
        stream.config().setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
        pipeline.accept(stream);
    }
}
