package dev.portcullis.edge;

import io.netty.buffer.ByteBuf;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;

/** The body of a request to one of our own routes, gathered up to the route's bound. */
final class OwnBody {
    private final int bytesMax;
    private final ByteArrayOutputStream gathered = new ByteArrayOutputStream(0);

    OwnBody(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    /** Whether what a head announces fits; an unknown length is seen as it comes. */
    boolean fits(long announced) {
        return announced <= bytesMax;
    }

    /** Copies a piece; false if it is too much. */
    boolean add(ByteBuf piece) {
        if (gathered.size() + piece.readableBytes() > bytesMax) {
            return false;
        }
        try {
            piece.readBytes(gathered, piece.readableBytes());
        } catch (IOException impossible) {
            throw new UncheckedIOException("memory does not fail", impossible);
        }
        return true;
    }

    byte[] bytes() {
        return gathered.toByteArray();
    }
}
