package dev.portcullis.config;

import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which keys a running sidecar cannot change: all that are not named here as changeable, so that a
 * key that nobody thought of is refused at a reload and not ignored.
 */
public final class FixedAtStart {
    private static final Set<String> BLOCKS =
            Set.of(
                    "tls",
                    "signIn",
                    "tokens",
                    "clientCertificates",
                    "allowUsers",
                    "rateLimits",
                    "limits",
                    "insecureSettings");

    private static final Set<String> LIMITS =
            Set.of(
                    "head",
                    "fields",
                    "body",
                    "headTime",
                    "bodyIdle",
                    "bodyRate",
                    "answerTime",
                    "answerIdle",
                    "keepAlive",
                    "handshakeTime",
                    "clientHello",
                    "unprovenTime",
                    "connections",
                    "connectionsPerAddress",
                    "http2Streams",
                    "http2Window",
                    "http2ConnectionWindow",
                    "http2Resets",
                    "http2ControlFrames",
                    "requestsPerUser",
                    "socketsPerUser",
                    "socketIdle",
                    "socketPongTime",
                    "gatewayConnections",
                    "providerTime",
                    "providerAnswer",
                    "refreshGrace",
                    "drainJitter",
                    "drainGrace");

    private FixedAtStart() {}

    /** The keys that differ and need a restart; empty if a reload can do it. */
    public static List<String> changed(PortcullisConfig before, PortcullisConfig after) {
        var keys = new ArrayList<String>();
        compare(PortcullisConfig.class, before, after, BLOCKS, "", keys);
        compare(LimitsConfig.class, before.limits(), after.limits(), LIMITS, "limits.", keys);
        if (!Objects.equals(issuer(before.signIn()), issuer(after.signIn()))) {
            keys.add("sign-in.issuer"); // Who is signed in was vouched for by the other one.
        }
        return List.copyOf(keys);
    }

    private static @Nullable Object issuer(@Nullable SignInConfig signIn) {
        return signIn == null ? null : signIn.issuer();
    }

    private static <R extends Record> void compare(
            Class<R> type,
            R before,
            R after,
            Set<String> changeable,
            String block,
            List<String> keys) {
        for (var component : type.getRecordComponents()) {
            if (!changeable.contains(component.getName())
                    && !Objects.equals(value(component, before), value(component, after))) {
                keys.add(block + kebab(component.getName()));
            }
        }
    }

    private static @Nullable Object value(RecordComponent component, Record of) {
        try {
            return component.getAccessor().invoke(of);
        } catch (ReflectiveOperationException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String kebab(String name) {
        return name.replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
    }
}
