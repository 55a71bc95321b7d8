package dev.portcullis.fuzz;

import dev.portcullis.http.FrameScanner;
import dev.portcullis.http.FrameScanner.Violation;
import io.netty.buffer.ByteBuf;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * WebSocket frames of both directions; the first byte says which. Whole or in pieces, the same
 * verdict, and the same bytes pass but for those of a refused frame that came in earlier pieces. A
 * client's first message is refused for its text exactly if the JDK's decoder would.
 */
public final class FramesFuzz {
    private FramesFuzz() {}

    /** What one scan came to. */
    private record Reading(long frames, long messages, String violation, String close) {}

    /** One input. */
    public static void fuzzerTestOneInput(byte[] input) {
        if (input.length == 0) {
            return;
        }
        boolean client = (input[0] & 1) == 0;
        var frames = Arrays.copyOfRange(input, 1, input.length);
        try (var pieces = new Pieces()) {
            var whole = client ? FrameScanner.ofClient() : FrameScanner.ofGateway();
            int atOnce = scan(whole, pieces.whole(frames));
            var cut = client ? FrameScanner.ofClient() : FrameScanner.ofGateway();
            int inPieces = scan(cut, pieces.cut(frames));
            Finding.unlessEqual(reading(whole), reading(cut), "whole and in pieces differ");
            boolean refused = whole.violation() != null;
            Finding.unless(
                    refused ? atOnce <= inPieces : atOnce == inPieces, "another number of bytes");
            Finding.unless(inPieces <= frames.length, "more accepted than came");
            Finding.unless(refused || whole.closed() || atOnce == frames.length, "bytes got lost");
            if (client) {
                checkText(frames, atOnce, whole.violation());
            }
        }
    }

    private static void checkText(byte[] frames, int accepted, @Nullable Violation violation) {
        Finding.unless(FirstText.of(frames, accepted).mayPass(), "text passed that is not UTF-8");
        if (violation != null && violation.reason().startsWith("text")) {
            Finding.unlessEqual(1007, violation.closeCode(), "another close code");
            var refused = FirstText.of(frames, accepted + 1); // With the frame that begins there.
            Finding.unless(!refused.mayPass(), "text refused that is UTF-8");
        }
    }

    private static int scan(FrameScanner scanner, List<ByteBuf> pieces) {
        int accepted = 0;
        for (var piece : pieces) {
            if (scanner.violation() == null && !scanner.closed()) {
                accepted += scanner.scan(piece, false);
            }
            piece.release();
        }
        return accepted;
    }

    private static Reading reading(FrameScanner scanner) {
        return new Reading(
                scanner.frames(),
                scanner.messages(),
                String.valueOf(scanner.violation()),
                String.valueOf(scanner.close()));
    }
}
