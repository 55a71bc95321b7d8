package dev.portcullis.edge;

import dev.portcullis.http.RequestHead;
import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** A request to one of our own routes, gathered up to the route's bound. */
final class OwnRequest {
    private final RequestHead head;
    private final int bytesMax;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream(0);

    OwnRequest(RequestHead head, int bytesMax) {
        this.head = head;
        this.bytesMax = bytesMax;
    }

    RequestHead head() {
        return head;
    }

    /** Whether what the head announces fits. */
    boolean fits() {
        return head.bodyLength() <= bytesMax;
    }

    /** Copies a piece; false if it is too much. */
    boolean add(ByteBuf piece) {
        if (body.size() + piece.readableBytes() > bytesMax) {
            return false;
        }
        try {
            piece.readBytes(body, piece.readableBytes());
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory does not fail", impossible);
        }
        return true;
    }

    byte[] body() {
        return body.toByteArray();
    }
}
