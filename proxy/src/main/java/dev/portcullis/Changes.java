package dev.portcullis;

import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.config.TokenIssuerConfig;
import java.net.URI;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** What the difference between two configurations means for what is open. */
final class Changes {
    private Changes() {}

    /**
     * The issuers whose tokens were judged by rules that no longer hold. A token is not kept, so it
     * cannot be judged again: whoever has one shows it again.
     */
    static Set<String> tokenIssuers(PortcullisConfig before, PortcullisConfig after) {
        return before.tokens().stream()
                .map(TokenIssuerConfig::issuer)
                .filter(issuer -> !of(before, issuer).equals(of(after, issuer)))
                .map(String::valueOf)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static List<TokenIssuerConfig> of(PortcullisConfig config, URI issuer) {
        return config.tokens().stream().filter(one -> one.issuer().equals(issuer)).toList();
    }
}
