package dev.portcullis.edge;

import dev.portcullis.http.BodyEnd;
import dev.portcullis.http.RequestHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads a connection's bytes with the product's own reader, as far as they are right. */
public final class WholeRequests {
    private static final int HEAD_MAX = 16 * 1024;
    private static final int FIELDS_MAX = 64;
    private static final int BODY_MAX = 1024 * 1024;

    private WholeRequests() {}

    /** A request that came whole. */
    @SuppressWarnings("ArrayRecordComponent") // Never compared.
    public record Whole(RequestHead head, byte[] body) {}

    /** Every request that is whole, up to the first that is refused or unfinished. */
    public static List<Whole> read(byte[] bytes) {
        var reader = new Http1RequestReader(HEAD_MAX, FIELDS_MAX, BODY_MAX);
        var whole = new ArrayList<Whole>();
        reader.offer(UnpooledByteBufAllocator.DEFAULT, Unpooled.copiedBuffer(bytes));
        for (Whole next; (next = next(reader)) != null; reader.nextRequest()) {
            whole.add(next);
        }
        reader.release();
        return whole;
    }

    private static @Nullable Whole next(Http1RequestReader reader) {
        RequestHead head = null;
        var body = new ByteArrayOutputStream();
        for (Object message; (message = reader.poll()) != null; ) {
            if (message instanceof RequestHead request) {
                head = request;
            } else if (message instanceof ByteBuf data) {
                body.writeBytes(io.netty.buffer.ByteBufUtil.getBytes(data));
                data.release();
            } else if (!(message instanceof BodyEnd)) {
                return null;
            }
        }
        return head != null && reader.isComplete() ? new Whole(head, body.toByteArray()) : null;
    }
}
