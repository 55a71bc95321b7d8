package dev.portcullis.identity;

import java.net.InetAddress;
import org.jspecify.annotations.Nullable;

/**
 * What a client's connection itself says of the client, beside what stands in its requests.
 *
 * @param address the client's own, behind a trusted balancer too
 * @param certificate what it presented in the TLS handshake, not judged yet; null for none
 */
public record ConnectionFacts(InetAddress address, @Nullable ClientCertificate certificate) {
    /** Of a client that presented nothing. */
    public static ConnectionFacts of(InetAddress address) {
        return new ConnectionFacts(address, null);
    }
}
