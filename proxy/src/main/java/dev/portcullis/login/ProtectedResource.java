package dev.portcullis.login;

import dev.portcullis.config.CliConfig;
import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.config.TokenIssuerConfig;
import dev.portcullis.http.LocalResponse;
import java.net.URI;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What this door says of itself to programs that have nothing but its address (RFC 9728): who
 * issues the tokens it takes, and what a person's command line signs in with. All of it is public.
 *
 * @param origin the resource's identifier
 * @param issuers of access tokens; where people on the command line sign in comes first
 * @param cli what they sign in with, or null
 */
public record ProtectedResource(String origin, List<URI> issuers, @Nullable CliConfig cli) {
    /** Beside the members of RFC 9728, which allows more (§2). */
    private static final String CLIENT_ID = "portcullis_cli_client_id";

    private static final String CHALLENGE = "Bearer realm=\"portcullis\"";

    public ProtectedResource {
        issuers = List.copyOf(issuers);
    }

    /** What the configuration makes of it. */
    public static ProtectedResource of(PortcullisConfig config) {
        var cli = config.cli();
        var first = cli == null ? Stream.<URI>empty() : Stream.of(cli.issuer());
        var issuers = config.tokens().stream().map(TokenIssuerConfig::issuer);
        return new ProtectedResource(
                config.publicOrigin().origin(),
                Stream.concat(first, issuers).distinct().toList(),
                cli);
    }

    /** Whether there is anything to say: a door that takes no tokens has none of this. */
    boolean takesTokens() {
        return !issuers.isEmpty();
    }

    /** For {@code WWW-Authenticate}: how to come in (RFC 6750 §3, RFC 9728 §5.1). */
    String challenge() {
        return takesTokens()
                ? CHALLENGE + ", resource_metadata=\"" + origin + OwnRoutes.METADATA + '"'
                : CHALLENGE;
    }

    LocalResponse document() {
        return Documents.resource(out -> {
            out.writeStringProperty("resource", origin);
            out.writeArrayPropertyStart("authorization_servers");
            issuers.forEach(issuer -> out.writeString(issuer.toString()));
            out.writeEndArray();
            out.writeArrayPropertyStart("bearer_methods_supported");
            out.writeString("header");
            out.writeEndArray();
            if (cli != null) {
                out.writeArrayPropertyStart("scopes_supported");
                cli.scopes().forEach(out::writeString);
                out.writeEndArray();
                out.writeStringProperty(CLIENT_ID, cli.clientId());
            }
            out.writeStringProperty("resource_name", "Portcullis");
        });
    }
}
