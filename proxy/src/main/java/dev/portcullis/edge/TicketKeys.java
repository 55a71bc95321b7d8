package dev.portcullis.edge;

import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.OpenSslSessionTicketKey;
import io.netty.handler.ssl.SslContext;
import java.lang.ref.Reference;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The keys that seal TLS session tickets (RFC 8446 §4.6.1, RFC 5077 §5.5): a new one every hour,
 * and the two before it still open what they sealed, so that a ticket is good for two hours and the
 * sessions of the past cannot be opened with the keys of today. They live in memory alone, and stay
 * the same when a certificate is replaced. Any thread.
 */
final class TicketKeys {
    /** How long one key seals. */
    static final Duration ROTATION = Duration.ofHours(1);

    private static final int KEPT = 3;

    private final SecureRandom random = new SecureRandom();
    private final List<OpenSslSessionTicketKey> keys = new ArrayList<>(KEPT);
    private @Nullable SslContext current;

    TicketKeys() {
        keys.add(newKey());
    }

    /** Seals for that context from now on. On the JDK's TLS, which has keys of its own, nothing. */
    synchronized void serve(SslContext context) {
        current = context; // Which is freed when nobody holds it.
        apply(context);
    }

    /** The next context seals nothing. */
    synchronized void rest() {
        current = null;
    }

    /** A new key seals, the oldest opens nothing any more. */
    synchronized void rotate() {
        keys.addFirst(newKey());
        if (keys.size() > KEPT) {
            keys.removeLast();
        }
        var context = current;
        if (context != null) {
            apply(context);
        }
    }

    private void apply(SslContext context) {
        try {
            if (context.sessionContext() instanceof OpenSslSessionContext sessions) {
                // The first seals.
                sessions.setTicketKeys(keys.toArray(OpenSslSessionTicketKey[]::new));
            }
        } finally {
            Reference.reachabilityFence(context);
        }
    }

    private OpenSslSessionTicketKey newKey() {
        return new OpenSslSessionTicketKey(
                bytes(OpenSslSessionTicketKey.NAME_SIZE),
                bytes(OpenSslSessionTicketKey.HMAC_KEY_SIZE),
                bytes(OpenSslSessionTicketKey.AES_KEY_SIZE));
    }

    private byte[] bytes(int count) {
        var bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }
}
