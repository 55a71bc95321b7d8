package dev.portcullis.edge;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * In front of TLS: what TLS keeps of half a record until the rest has come is counted, and is no
 * more memory than it has bytes. One per connection.
 */
final class RecordGuard extends ChannelInboundHandlerAdapter {
    /** Of the memory that was read into, a half record that is as large stays where it is. */
    private static final int FAIR_PART = 4;

    private final TlsRecordCount records;
    private HalfReceived.@Nullable Of half;

    /**
     * @param records has seen all that came before
     */
    RecordGuard(TlsRecordCount records) {
        this.records = records;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        half = HalfReceived.of(ctx.channel());
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        var bytes = (ByteBuf) message;
        records.add(bytes);
        pass(ctx, bytes, records, Objects.requireNonNull(half));
    }

    /** Hands bytes on to TLS whose records are counted. */
    static void pass(
            ChannelHandlerContext ctx,
            ByteBuf bytes,
            TlsRecordCount records,
            HalfReceived.Of half) {
        half.record(records.half());
        int last = Math.min(records.half(), bytes.readableBytes());
        if (last == 0 || bytes.capacity() / FAIR_PART < last) {
            ctx.fireChannelRead(bytes);
            return;
        }
        int whole = bytes.readableBytes() - last;
        var rest = ctx.alloc().buffer(last).writeBytes(bytes, bytes.readerIndex() + whole, last);
        if (whole > 0) {
            ctx.fireChannelRead(bytes.writerIndex(bytes.writerIndex() - last));
        } else {
            bytes.release();
        }
        ctx.fireChannelRead(rest);
    }
}
