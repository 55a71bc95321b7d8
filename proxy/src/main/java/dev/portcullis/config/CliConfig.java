package dev.portcullis.config;

import java.net.URI;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What people on the command line sign in with, published in the metadata of this resource (RFC
 * 9728), so that they need nothing but its address. Nothing in it is secret.
 *
 * @param issuer where they sign in: one of {@code tokens}
 * @param clientId a public client there, for the code flow on loopback and for the device flow
 * @param scopes what they ask for
 */
public record CliConfig(URI issuer, String clientId, List<String> scopes) {
    private static final URI STAND_IN = URI.create("https://invalid");
    private static final Syntax<String> SCOPE =
            Syntax.text("a scope", Pattern.compile("[!#-\\[\\]-~]{1,128}")); // RFC 6749 §3.3

    public CliConfig {
        scopes = List.copyOf(scopes);
    }

    static @Nullable CliConfig parse(ConfigNode root, List<TokenIssuerConfig> tokens) {
        return root.blockIfPresent("cli", node -> parse(root, node, tokens));
    }

    private static CliConfig parse(
            ConfigNode root, ConfigNode node, List<TokenIssuerConfig> tokens) {
        var clientId = node.required("client-id", Syntax.line("a client id", 256), "");
        var scopes = node.values("scopes", SCOPE, "openid", "email");
        var issuers = tokens.stream().map(TokenIssuerConfig::issuer).toList();
        if (issuers.isEmpty()) {
            root.problem(
                    "cli", "no tokens block", "an issuer in tokens: else no token of it passes");
        }
        var named =
                node.valueIfPresent(
                        "issuer",
                        Syntax.text(
                                "an issuer of tokens, spelled alike",
                                text ->
                                        issuers.stream()
                                                .anyMatch(it -> it.toString().equals(text))),
                        "the first of tokens");
        var first = issuers.isEmpty() ? STAND_IN : issuers.getFirst();
        return new CliConfig(named == null ? first : URI.create(named), clientId, scopes);
    }
}
