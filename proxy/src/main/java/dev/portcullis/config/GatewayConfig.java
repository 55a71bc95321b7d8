package dev.portcullis.config;

import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The one upstream.
 *
 * @param address a loopback literal and a port
 * @param userHeader the lower-case name of the header that carries the user; secret, because
 *     whoever knows it and reaches the port is anyone
 * @param basePath where the Control UI lives: {@code /}, or {@code /name} without a slash at the
 *     end
 */
public record GatewayConfig(InetSocketAddress address, Secret userHeader, String basePath) {
    // Segments that start with a dot or with "_" are ours or the Gateway's own.
    private static final Pattern BASE_PATH =
            Pattern.compile("(?:/[A-Za-z0-9~-][A-Za-z0-9._~-]{0,63}){1,8}/?");

    static GatewayConfig parse(ConfigNode node) {
        var address = node.value("address", Address.loopbackPeer(), "127.0.0.1:18789");
        var userHeader = node.required("user-header", UserHeader.syntax(), new Secret(""));
        var basePath = node.value("base-path", basePathSyntax(), "/");
        if (node.has("user-header") && !UserHeader.isUnguessable(userHeader.expose())) {
            node.warn(
                    "user-header",
                    "a name that can be guessed: any local process that knows it can be anyone at"
                            + " the Gateway; better x-sidecar-user- and 32 random hex digits");
        }
        return new GatewayConfig(address, userHeader, basePath);
    }

    private static Syntax<String> basePathSyntax() {
        return Syntax.of(
                "/ or /name, names of letters, digits and . _ ~ - not starting with . or _",
                text ->
                        text.equals("/")
                                ? Optional.of(text)
                                : Optional.of(text)
                                        .filter(BASE_PATH.asMatchPredicate())
                                        .map(GatewayConfig::withoutLastSlash));
    }

    private static String withoutLastSlash(String path) {
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }
}
