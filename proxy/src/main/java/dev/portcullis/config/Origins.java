package dev.portcullis.config;

import java.net.IDN;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Origins and issuers: the web addresses the file may name. */
final class Origins {
    private static final int HTTPS = 443;
    private static final int PORT_MAX = 65_535;
    private static final int HOST_CHARACTERS_MAX = 253;
    private static final Pattern HTTPS_AUTHORITY =
            Pattern.compile("(?i:https)://(\\[[^\\[\\]]*]|[^:/?#@\\[\\]\\\\]+)(?::([0-9]{1,5}))?");
    private static final String LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?";
    // A last label of digits only would be read as an IPv4 address by some and as a name by others.
    private static final Pattern HOST = Pattern.compile("(?:" + LABEL + "\\.)*(?![0-9]+$)" + LABEL);

    private Origins() {}

    static Syntax<PublicOrigin> publicOrigin() {
        return Syntax.of(
                        "https://host or https://host:port with an ASCII host,"
                                + " and no path, user or query",
                        Origins::parse)
                .hinting(Origins::nearest);
    }

    static Optional<PublicOrigin> parse(String text) {
        var matcher = HTTPS_AUTHORITY.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        var host = matcher.group(1).toLowerCase(Locale.ROOT);
        var port = Optional.ofNullable(matcher.group(2)).orElse(String.valueOf(HTTPS));
        return Optional.of(host)
                .filter(Origins::isHost)
                .flatMap(_ -> Quantity.whole(port, 1, PORT_MAX))
                .map(number -> new PublicOrigin(host, number.intValue()));
    }

    private static boolean isHost(String host) {
        return host.length() <= HOST_CHARACTERS_MAX
                && (Address.literal(host).isPresent() || HOST.matcher(host).matches());
    }

    /** The origin of an address with too much in it, or of a name that is not yet ASCII. */
    private static @Nullable String nearest(String text) {
        try {
            var uri = new URI(text.contains("://") ? text : "https://" + text);
            var authority = uri.getRawAuthority();
            if (authority == null || authority.contains("@")) {
                return null;
            }
            return parse("https://" + IDN.toASCII(authority))
                    .map(PublicOrigin::origin)
                    .orElse(null);
        } catch (URISyntaxException | IllegalArgumentException _) {
            return null;
        }
    }

    /**
     * An issuer, kept exactly as it is spelled (OpenID Connect Discovery 1.0 §3: no query, no
     * fragment).
     *
     * @param plainOnLoopback whether {@code http} is accepted on a loopback literal
     */
    static Syntax<URI> issuer(boolean plainOnLoopback) {
        var expected = "an https:// address without query or fragment";
        var key = "http:// only on a loopback literal and with insecure-http-issuer: true";
        return Syntax.of(expected + "; " + key, text -> issuer(text, plainOnLoopback));
    }

    private static Optional<URI> issuer(String text, boolean plainOnLoopback) {
        try {
            var uri = new URI(text);
            if (uri.getHost() == null
                    || uri.getRawUserInfo() != null
                    || uri.getRawQuery() != null
                    || uri.getRawFragment() != null
                    || uri.getPort() > PORT_MAX) {
                return Optional.empty();
            }
            boolean https = "https".equals(uri.getScheme());
            boolean plain = plainOnLoopback && "http".equals(uri.getScheme()) && isLoopback(uri);
            return Optional.of(uri).filter(_ -> https || plain);
        } catch (URISyntaxException _) {
            return Optional.empty();
        }
    }

    private static boolean isLoopback(URI uri) {
        return Address.literal(uri.getHost()).filter(a -> a.isLoopbackAddress()).isPresent();
    }
}
