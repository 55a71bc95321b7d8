package dev.portcullis.fuzz;

import dev.portcullis.http.Targets;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;

/** Request targets: what is accepted is one path to every reader. */
public final class TargetFuzz {
    private TargetFuzz() {}

    /** One input. */
    public static void fuzzerTestOneInput(byte[] input) {
        var text = new String(input, StandardCharsets.ISO_8859_1);
        var target = Targets.parse(text);
        if (target == null) {
            return;
        }
        Finding.unlessEqual(target.full(), text, "a target travels as it came");
        var path = target.path();
        Finding.unless(path.startsWith("/") && !path.startsWith("//"), "an authority in a path");
        Finding.unless(isPlain(text), "a byte that readers disagree on");
        var folded = path.toLowerCase(java.util.Locale.ROOT);
        for (var trick : new String[] {"%2f", "%5c", "%2e", "%00", "%25", ";", "\\", "#"}) {
            Finding.unless(!folded.contains(trick), trick + " in a path");
        }
        Finding.unlessEqual(path, normalized(path), "a path that others resolve further");
    }

    private static boolean isPlain(String text) {
        return text.chars().allMatch(c -> c > ' ' && c < 0x7F);
    }

    private static String normalized(String path) {
        try {
            return new URI("https", "claw.test", "/", null)
                    .resolve(new URI(null, null, path, null).getRawPath())
                    .normalize()
                    .getPath();
        } catch (URISyntaxException strange) {
            throw new IllegalStateException(strange);
        }
    }
}
