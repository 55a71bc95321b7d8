package dev.portcullis.config;

import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The Redis that a fleet of sidecars shares.
 *
 * @param host a name or a literal
 * @param port usually 6379
 * @param database its number, 0 unless said otherwise
 * @param tls whether the connection is encrypted; the server must prove its name
 * @param password null for none
 * @param ca who signed the server's certificate; null for the authorities that Java trusts
 */
public record RedisConfig(
        String host,
        int port,
        int database,
        boolean tls,
        @Nullable Secret password,
        @Nullable Path ca) {
    private static final int PORT = 6379;
    private static final int PORT_MAX = 65_535;
    private static final Pattern DATABASE = Pattern.compile("|/|/[0-9]{1,3}");

    /** Null if the block names no Redis. */
    static @Nullable RedisConfig parse(ConfigNode node) {
        boolean plain = node.insecure("insecure-plain-redis");
        var at = node.valueIfPresent("redis", address(plain));
        var password = node.valueIfPresent("redis-password", Syntax.line("a password", 1024));
        var ca = node.valueIfPresent("redis-ca", Folder.readableFile(node.source()));
        if (at == null) {
            withoutEffect(node);
            return null;
        }
        boolean tls = "rediss".equals(at.getScheme());
        if (ca != null && !tls) {
            node.problem("redis-ca", "a certificate authority without TLS", "rediss://");
        }
        return new RedisConfig(
                at.getHost(),
                at.getPort() < 0 ? PORT : at.getPort(),
                database(at),
                tls,
                password == null ? null : new Secret(password),
                ca);
    }

    private static void withoutEffect(ConfigNode node) {
        for (var key : new String[] {"redis-password", "redis-ca", "insecure-plain-redis"}) {
            if (node.has(key)) {
                node.problem(key, "a key that has no effect without redis", "redis beside it");
            }
        }
    }

    private static Syntax<URI> address(boolean plain) {
        return Syntax.of(
                "rediss://host:port/database without user or password; redis:// only on a loopback"
                        + " literal or with insecure-plain-redis: true",
                text -> address(text, plain));
    }

    private static Optional<URI> address(String text, boolean plain) {
        try {
            var uri = new URI(text);
            if (uri.getHost() == null
                    || uri.getRawUserInfo() != null
                    || uri.getRawQuery() != null
                    || uri.getRawFragment() != null
                    || uri.getPort() > PORT_MAX
                    || !DATABASE.matcher(uri.getRawPath()).matches()) {
                return Optional.empty();
            }
            return switch (uri.getScheme()) {
                case "rediss" -> Optional.of(uri);
                case "redis" -> Optional.of(uri).filter(it -> plain || isLoopback(it));
                case null, default -> Optional.empty();
            };
        } catch (URISyntaxException _) {
            return Optional.empty();
        }
    }

    private static boolean isLoopback(URI uri) {
        return Address.literal(uri.getHost()).filter(a -> a.isLoopbackAddress()).isPresent();
    }

    private static int database(URI uri) {
        var path = uri.getRawPath();
        return path.length() <= 1 ? 0 : Integer.parseInt(path.substring(1));
    }
}
