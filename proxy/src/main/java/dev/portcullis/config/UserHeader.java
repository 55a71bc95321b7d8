package dev.portcullis.config;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * The name of the header that carries the user to the Gateway. The name is the only secret there is
 * between the two, so it should be one that nobody can guess.
 */
final class UserHeader {
    private static final Pattern NAME = Pattern.compile("[a-z](?:-?[a-z0-9]){2,127}");
    private static final String PLAIN = "x-forwarded-user";
    private static final int BITS_WANTED = 128;
    private static final int BITS_PER_HEX_DIGIT = 4;
    private static final int BITS_PER_LETTER_OR_DIGIT = 5;
    private static final int RANDOM_CHARACTERS_LEAST = 8;
    private static final Pattern HEX = Pattern.compile("[0-9a-f]+");

    /** What we write, relay or drop ourselves, or what means something else to the Gateway. */
    private static final Set<String> TAKEN =
            Set.of(
                    "authorization",
                    "cache-control",
                    "connection",
                    "cookie",
                    "date",
                    "dpop",
                    "early-data",
                    "expect",
                    "forwarded",
                    "host",
                    "http2-settings",
                    "idempotency-key",
                    "keep-alive",
                    "last-event-id",
                    "origin",
                    "pragma",
                    "priority",
                    "range",
                    "referer",
                    "set-cookie",
                    "te",
                    "traceparent",
                    "tracestate",
                    "trailer",
                    "transfer-encoding",
                    "upgrade",
                    "user-agent",
                    "via",
                    "x-access-token",
                    "x-api-key",
                    "x-real-ip",
                    "x-request-id",
                    "x-session-key");

    private static final Set<String> TAKEN_PREFIXES =
            Set.of(
                    "accept",
                    "access-control-",
                    "cf-",
                    "content-",
                    "if-",
                    "proxy-",
                    "sec-",
                    "tailscale-",
                    "x-forwarded-",
                    "x-openclaw-",
                    "x-portcullis-");

    private UserHeader() {}

    static Syntax<Secret> syntax() {
        return Syntax.of(
                        "a header name of letters, digits and single hyphens that is no other"
                                + " header's, such as x-sidecar-user- and 32 random hex digits",
                        (String text) -> name(text).map(Secret::new))
                .hidden();
    }

    private static Optional<String> name(String text) {
        var name = text.toLowerCase(Locale.ROOT);
        return Optional.of(name).filter(NAME.asMatchPredicate()).filter(UserHeader::isFree);
    }

    private static boolean isFree(String name) {
        return name.equals(PLAIN)
                || (!TAKEN.contains(name) && TAKEN_PREFIXES.stream().noneMatch(name::startsWith));
    }

    /**
     * Whether the name looks as if nobody could guess it. Only long parts with digits in them count
     * as random: words do not.
     */
    static boolean isUnguessable(String name) {
        int bits = 0;
        for (var part : name.split("-", -1)) {
            boolean random =
                    part.length() >= RANDOM_CHARACTERS_LEAST
                            && part.chars().anyMatch(Character::isDigit);
            boolean hex = HEX.matcher(part).matches();
            bits +=
                    random
                            ? part.length() * (hex ? BITS_PER_HEX_DIGIT : BITS_PER_LETTER_OR_DIGIT)
                            : 0;
        }
        return bits >= BITS_WANTED;
    }
}
