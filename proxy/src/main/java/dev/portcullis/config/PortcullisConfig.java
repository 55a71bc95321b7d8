package dev.portcullis.config;

import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The whole configuration. One that exists is right: every value in range, every file readable,
 * every restriction in effect.
 *
 * @param listen where browsers and programs connect, TLS only
 * @param redirectListen plain HTTP that answers redirects only; null for off
 * @param publicOrigin the one origin people use
 * @param tls the server's certificate, and what is asked of clients
 * @param gateway where the Gateway is, and the name of its user header
 * @param signIn people in browsers; null for off
 * @param tokens programs with bearer tokens, by issuer
 * @param allowUsers who may pass, and as what
 * @param rateLimits how fast
 * @param state where sessions are kept
 * @param audit where decisions are written
 * @param admin the operators' listener
 * @param limits every bound on a resource
 */
public record PortcullisConfig(
        InetSocketAddress listen,
        @Nullable InetSocketAddress redirectListen,
        PublicOrigin publicOrigin,
        TlsConfig tls,
        GatewayConfig gateway,
        @Nullable SignInConfig signIn,
        List<TokenIssuerConfig> tokens,
        List<AllowedUser> allowUsers,
        RateLimitsConfig rateLimits,
        StateConfig state,
        AuditConfig audit,
        AdminConfig admin,
        LimitsConfig limits) {

    public PortcullisConfig {
        tokens = List.copyOf(tokens);
        allowUsers = List.copyOf(allowUsers);
    }
}
