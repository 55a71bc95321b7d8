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
 * @param cli what people on the command line sign in with; null for off
 * @param serviceTokens machines with service tokens
 * @param clientCertificates whose certificate says who they are; null for off
 * @param allowUsers who may pass, and as what
 * @param trustedBalancers who must send PROXY protocol, and is believed
 * @param rateLimits how fast
 * @param state where sessions are kept
 * @param audit where decisions are written
 * @param admin the operators' listener
 * @param limits every bound on a resource
 * @param insecureSettings paths of the settings that weaken safety and are on, for log, metrics and
 *     doctor; empty in a safe configuration
 */
public record PortcullisConfig(
        InetSocketAddress listen,
        @Nullable InetSocketAddress redirectListen,
        PublicOrigin publicOrigin,
        TlsConfig tls,
        GatewayConfig gateway,
        @Nullable SignInConfig signIn,
        List<TokenIssuerConfig> tokens,
        @Nullable CliConfig cli,
        ServiceTokensConfig serviceTokens,
        @Nullable ClientCertificatesConfig clientCertificates,
        List<AllowedUser> allowUsers,
        TrustedBalancers trustedBalancers,
        RateLimitsConfig rateLimits,
        StateConfig state,
        AuditConfig audit,
        AdminConfig admin,
        LimitsConfig limits,
        List<String> insecureSettings) {

    public PortcullisConfig {
        tokens = List.copyOf(tokens);
        allowUsers = List.copyOf(allowUsers);
        insecureSettings = List.copyOf(insecureSettings);
    }

    private static final InetSocketAddress NOWHERE = new InetSocketAddress(0);

    static PortcullisConfig parse(ConfigNode node) {
        var listen = node.required("listen", Address.listener(), NOWHERE);
        var redirectListen = node.valueIfPresent("redirect-listen", Address.listener());
        var origin =
                node.required("public-origin", Origins.publicOrigin(), new PublicOrigin("", 443));
        var tls = node.block("tls", block -> TlsConfig.parse(block, origin));
        var gateway = node.block("gateway", GatewayConfig::parse);
        var signIn = node.blockIfPresent("sign-in", SignInConfig::parse);
        var tokens = TokenIssuerConfig.parseAll(node, signIn);
        var cli = CliConfig.parse(node, tokens);
        var serviceTokens = node.block("service-tokens", ServiceTokensConfig::parse);
        var clientCertificates = ClientCertificatesConfig.parse(node, tls);
        var allowUsers = AllowedUser.parseAll(node, groupsKnown(signIn, tokens));
        var trustedBalancers = TrustedBalancers.parse(node);
        var rateLimits = node.block("rate-limits", RateLimitsConfig::parse);
        var state = node.block("state", StateConfig::parse);
        var audit = node.block("audit", AuditConfig::parse);
        var admin = node.block("admin", AdminConfig::parse);
        var limits = node.block("limits", LimitsConfig::parse);
        var config =
                new PortcullisConfig(
                        listen,
                        redirectListen,
                        origin,
                        tls,
                        gateway,
                        signIn,
                        tokens,
                        cli,
                        serviceTokens,
                        clientCertificates,
                        allowUsers,
                        trustedBalancers,
                        rateLimits,
                        state,
                        audit,
                        admin,
                        limits,
                        node.source().findings().insecureSettings());
        CrossChecks.check(config, node);
        return config;
    }

    private static boolean groupsKnown(
            @Nullable SignInConfig signIn, List<TokenIssuerConfig> tokens) {
        return (signIn != null && signIn.groupsClaim() != null)
                || tokens.stream().anyMatch(issuer -> issuer.groupsClaim() != null);
    }
}
