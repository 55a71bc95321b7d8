package dev.portcullis.bench.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Limits that a configuration raises, so that one user on one address can do the work of thousands.
 * None is switched off. What the reference file does not know is left out.
 */
public final class Raised {
    private static final Map<String, String> LIMITS =
            Map.of(
                    "connections", "20000",
                    "connections-per-address", "20000",
                    "handshakes", "20000",
                    "sockets-per-user", "10000",
                    "gateway-connections", "20000",
                    "socket-idle", "10m",
                    "audit-queue", "100000",
                    "drain-jitter", "0s",
                    "drain-grace", "0s");
    private static final Map<String, String> RATES =
            Map.of(
                    "address", "{ rate: 100000/s, burst: 1000000 }",
                    "user", "{ rate: 100000/s, burst: 1000000 }",
                    "messages", "{ rate: 100000/s, burst: 1000000 }",
                    "bytes", "{ rate: 1GiB/s, burst: 1GiB }");

    private Raised() {}

    /** Everything that a comparison reaches. */
    public static String all(Rig rig) throws IOException {
        return block(rig, "rate-limits", RATES) + only(rig, LIMITS);
    }

    /** These, and the others at their defaults. */
    public static String only(Rig rig, Map<String, String> limits) throws IOException {
        return block(rig, "limits", limits);
    }

    private static String block(Rig rig, String name, Map<String, String> keys) throws IOException {
        var reference = Files.readString(rig.home().resolve("config/portcullis.yaml"));
        var block = reference.substring(reference.indexOf("\n" + name + ":"));
        return name
                + ":\n"
                + keys.entrySet().stream()
                        .filter(key -> block.matches("(?s).*\n  #?" + key.getKey() + ":.*"))
                        .map(key -> "  " + key.getKey() + ": " + key.getValue() + "\n")
                        .collect(Collectors.joining());
    }
}
