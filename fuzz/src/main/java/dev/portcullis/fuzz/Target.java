package dev.portcullis.fuzz;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** Everything that is fuzzed: whatever reads bytes that a stranger wrote. */
public enum Target {
    HEAD("edge.HeadFuzz", 4096),
    HTTP2("fuzz.Http2HeadFuzz", 4096),
    HTTP2_FRAMES("edge.Http2FramesFuzz", 4096),
    PROXY("edge.ProxyFuzz", 512),
    TARGET("fuzz.TargetFuzz", 512),
    CHUNKS("fuzz.ChunksFuzz", 2048),
    COOKIES("fuzz.CookiesFuzz", 1024),
    TOKEN("identity.TokenFuzz", 2048),
    FRAMES("fuzz.FramesFuzz", 4096),
    ANSWER("upstream.AnswerFuzz", 4096),
    CONFIG("config.ConfigFuzz", 4096);

    private final String place;
    private final int bytesMax;

    Target(String place, int bytesMax) {
        this.place = place;
        this.bytesMax = bytesMax;
    }

    /** Its name on the command line. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Bytes of an input. */
    public int bytesMax() {
        return bytesMax;
    }

    /** Where inputs begin: one per line of its file, with escapes undone. */
    List<byte[]> seeds() {
        var name = "/seeds/" + label() + ".txt";
        try (var in = Objects.requireNonNull(Target.class.getResourceAsStream(name), name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.translateEscapes().getBytes(StandardCharsets.ISO_8859_1))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(name, e);
        }
    }

    String className() {
        return "dev.portcullis." + place;
    }

    static Target named(String label) {
        return Arrays.stream(values())
                .filter(target -> target.label().equals(label))
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                label + " (expected: one of " + labels() + ")"));
    }

    private static List<String> labels() {
        return Arrays.stream(values()).map(Target::label).toList();
    }
}
