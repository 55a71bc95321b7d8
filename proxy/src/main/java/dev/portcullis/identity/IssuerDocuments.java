package dev.portcullis.identity;

import dev.portcullis.identity.ProviderExchange.Answered;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * Fetches an issuer's metadata and key set, and believes them only if they are whole and speak of
 * that very issuer (OpenID Connect Discovery 1.0 §4.3). Blocks.
 */
final class IssuerDocuments {
    /** What came of it. */
    sealed interface Outcome {}

    /** Both documents. */
    record Fetched(JsonObject metadata, KeySet keys) implements Outcome {}

    /** Not both, and why, for operators. */
    record Failed(String why) implements Outcome {}

    private static final int OK = 200;

    private final String issuer;
    private final URI metadataUri;
    private final ProviderHttp http;

    IssuerDocuments(URI issuer, ProviderHttp http) {
        this.issuer = issuer.toString();
        var base =
                this.issuer.endsWith("/")
                        ? this.issuer.substring(0, this.issuer.length() - 1)
                        : this.issuer;
        this.metadataUri = URI.create(base + "/.well-known/openid-configuration");
        this.http = http;
    }

    String issuer() {
        return issuer;
    }

    Outcome fetch() {
        return switch (document(metadataUri)) {
            case Failure(String why) -> new Failed(why);
            case Document(JsonObject metadata) -> withKeys(metadata);
        };
    }

    private Outcome withKeys(JsonObject metadata) {
        var named = metadata.text("issuer");
        if (!issuer.equals(named)) { // Else one provider could speak for another.
            return new Failed(metadataUri + ": issuer " + named + " (expected: " + issuer + ")");
        }
        var keysUri = uri(metadata.text("jwks_uri"));
        if (keysUri == null) {
            return new Failed(metadataUri + ": no jwks_uri (expected: the URL of the key set)");
        }
        return switch (document(keysUri)) {
            case Failure(String why) -> new Failed(why);
            case Document(JsonObject content) ->
                    KeySet.of(content)
                            .<Outcome>map(keys -> new Fetched(metadata, keys))
                            .orElseGet(() -> new Failed(keysUri + ": no key set (expected: keys)"));
        };
    }

    private sealed interface Read {}

    private record Document(JsonObject content) implements Read {}

    private record Failure(String why) implements Read {}

    private Read document(URI uri) {
        return switch (http.get(uri)) {
            case ProviderExchange.Failed(String why) -> new Failure(why);
            case Answered answer when answer.status() != OK ->
                    new Failure(uri + ": status " + answer.status() + " (expected: 200)");
            case Answered answer when !answer.isJson() ->
                    new Failure(uri + ": type " + answer.contentType() + " (expected: JSON)");
            case Answered answer ->
                    StrictJson.object(answer.body())
                            .<Read>map(Document::new)
                            .orElseGet(() -> new Failure(uri + ": not one strict JSON object"));
        };
    }

    private static @Nullable URI uri(@Nullable String text) {
        try {
            return text == null ? null : URI.create(text);
        } catch (IllegalArgumentException _) {
            return null;
        }
    }
}
