package dev.portcullis.fuzz;

import dev.portcullis.http.ChunkedBody;
import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Chunked bodies: whole or in pieces, the same bytes, the same end, the same place. */
public final class ChunksFuzz {
    private ChunksFuzz() {}

    /** What one reading came to; bytes as text, so that records compare. */
    private record Reading(String body, boolean done, boolean refused, int left) {}

    /** One input. */
    public static void fuzzerTestOneInput(byte[] input) {
        try (var pieces = new Pieces()) {
            var whole = read(pieces.whole(input));
            Finding.unlessEqual(whole, read(pieces.cut(input)), "whole and in pieces differ");
            Finding.unless(!(whole.done && whole.refused), "done and refused at once");
            if (whole.done) {
                var again = (frame(whole.body) + "0\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1);
                Finding.unlessEqual(
                        new Reading(whole.body, true, false, 0),
                        read(pieces.whole(again)),
                        "what we frame reads otherwise");
            }
        }
    }

    private static String frame(String body) {
        return body.isEmpty() ? "" : Integer.toHexString(body.length()) + "\r\n" + body + "\r\n";
    }

    private static Reading read(List<ByteBuf> pieces) {
        var chunked = ChunkedBody.ofClient();
        var body = new StringBuilder();
        int left = 0;
        for (var piece : pieces) {
            for (ByteBuf data; (data = chunked.next(piece)) != null; data.release()) {
                body.append(data.toString(StandardCharsets.ISO_8859_1));
            }
            left += piece.readableBytes();
            piece.release();
        }
        boolean refused = chunked.refused() != null;
        return new Reading(body.toString(), chunked.done(), refused, refused ? 0 : left);
    }
}
