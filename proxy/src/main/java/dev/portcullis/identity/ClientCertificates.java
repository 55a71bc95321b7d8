package dev.portcullis.identity;

import dev.portcullis.access.UserName;
import dev.portcullis.audit.Reason;
import dev.portcullis.config.ClientAuthConfig;
import dev.portcullis.config.ClientAuthConfig.Mode;
import dev.portcullis.config.ClientCertificatesConfig;
import dev.portcullis.config.PortcullisConfig;
import dev.portcullis.identity.Authentication.Ambiguous;
import dev.portcullis.identity.Authentication.Anonymous;
import dev.portcullis.identity.Authentication.Authenticated;
import dev.portcullis.identity.Authentication.Conflicting;
import dev.portcullis.identity.Authentication.Rejected;
import dev.portcullis.identity.Authentication.Undecidable;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the certificate of a connection means for a request on it. Alone it is the identity; beside
 * a session or a token it is a condition, and must not name anybody else. It is judged on every
 * request and not in the handshake: a resumed TLS session brings it along unjudged. Immutable; a
 * reload makes a new one. Any thread.
 */
public final class ClientCertificates {
    private final Mode mode;
    private final ClientAuthority authority;
    private final List<String> breakGlass;
    private final InstantSource clock;

    private ClientCertificates(
            ClientAuthConfig auth, @Nullable ClientCertificatesConfig names, InstantSource clock) {
        this.mode = auth.mode();
        this.authority = new ClientAuthority(auth, names == null ? null : names.user());
        this.breakGlass = names == null ? List.of() : names.breakGlass();
        this.clock = clock;
    }

    /** By this configuration. */
    public static ClientCertificates of(PortcullisConfig config, InstantSource clock) {
        return new ClientCertificates(config.tls().clients(), config.clientCertificates(), clock);
    }

    /** Where nobody is asked for one. */
    public static ClientCertificates none(InstantSource clock) {
        return new ClientCertificates(ClientAuthConfig.NONE, null, clock);
    }

    /**
     * Why the connection may ask for nothing at all, not even to sign in; null if it may. Only
     * where a certificate is required.
     */
    public @Nullable Reason refusal(ConnectionFacts connection) {
        if (mode != Mode.REQUIRED) {
            return null;
        }
        return switch (verdict(connection)) {
            case null -> Reason.CERTIFICATE_MISSING;
            case CertificateVerdict.Bad(Reason reason) -> reason;
            case CertificateVerdict.Good _ -> null;
        };
    }

    /**
     * What the credentials on a request come to, seen together with the connection's certificate.
     *
     * @param other what a session or a token came to
     */
    public Authentication beside(Authentication other, ConnectionFacts connection) {
        if (other instanceof Ambiguous) {
            return other;
        }
        return switch (verdict(connection)) {
            case null -> mode == Mode.REQUIRED ? refused(Reason.CERTIFICATE_MISSING) : other;
            case CertificateVerdict.Bad(Reason reason) -> refused(reason);
            case CertificateVerdict.Good good -> beside(other, certificate(connection), good);
        };
    }

    private Authentication beside(
            Authentication other, ClientCertificate certificate, CertificateVerdict.Good good) {
        return switch (other) {
            case Anonymous() when good.user() != null ->
                    new Authenticated(alone(good.user(), certificate, good));
            case Authenticated(Principal principal) when isAnother(principal, good.user()) ->
                    new Conflicting(Reason.CERTIFICATE_OF_ANOTHER_USER, principal);
            case Authenticated(Principal principal) ->
                    new Authenticated(principal.on(certificate, good.endsAt()));
            case Anonymous _, Rejected _, Ambiguous _, Conflicting _, Undecidable _ -> other;
        };
    }

    private static boolean isAnother(Principal principal, @Nullable UserName named) {
        return named != null && principal.isPerson() && !named.equals(principal.user());
    }

    private Principal alone(
            UserName user, ClientCertificate certificate, CertificateVerdict.Good good) {
        var means =
                breakGlass.contains(certificate.fingerprint())
                        ? Principal.Means.BREAK_GLASS
                        : Principal.Means.CERTIFICATE;
        return new Principal(user, Set.of(), means, null, certificate.fingerprint())
                .on(certificate, good.endsAt());
    }

    /** What a principal that was proven earlier is worth now, by its certificate. */
    public Authentication again(Principal principal, ConnectionFacts connection) {
        boolean alone =
                principal.means() == Principal.Means.CERTIFICATE
                        || principal.means() == Principal.Means.BREAK_GLASS;
        return beside(alone ? Authentication.ANONYMOUS : new Authenticated(principal), connection);
    }

    private static Authentication refused(Reason reason) {
        // Not known to be bad, only not known to be good: the client can do nothing about it.
        return reason == Reason.CERTIFICATE_STATUS_UNKNOWN
                ? new Undecidable(reason)
                : new Rejected(reason);
    }

    /** Null for none, and for one that a replaced configuration asked for. */
    private @Nullable CertificateVerdict verdict(ConnectionFacts connection) {
        var certificate = connection.certificate();
        return certificate == null || mode == Mode.NONE
                ? null
                : authority.judge(certificate, clock.instant());
    }

    private static ClientCertificate certificate(ConnectionFacts connection) {
        var certificate = connection.certificate();
        if (certificate == null) {
            throw new IllegalStateException("no certificate (expected: one that was judged)");
        }
        return certificate;
    }

    /** Whether connections may bring one at all; if not, {@link #beside} changes nothing. */
    public boolean areAskedFor() {
        return mode != Mode.NONE;
    }

    /** Whether nobody passes without one. */
    public boolean required() {
        return mode == Mode.REQUIRED;
    }

    /** Why certificates cannot be judged now, in one line; empty if they can. */
    public Optional<String> trouble() {
        return authority.isOutOfDate(clock.instant())
                ? Optional.of("tls.crl: a revocation list is out of date")
                : Optional.empty();
    }
}
