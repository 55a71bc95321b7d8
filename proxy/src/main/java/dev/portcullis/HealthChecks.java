package dev.portcullis;

import dev.portcullis.admin.HealthCheck;
import dev.portcullis.admin.HealthCheck.Health;
import dev.portcullis.audit.AuditFile;
import dev.portcullis.identity.ClientCertificates;
import dev.portcullis.identity.TokenIssuers;
import dev.portcullis.login.Provider;
import dev.portcullis.state.OpenStore;
import dev.portcullis.upstream.GatewayHealth;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What readiness consists of. */
final class HealthChecks {
    private HealthChecks() {}

    static List<HealthCheck> of(
            AuditFile audit,
            OpenStore store,
            GatewayHealth gateway,
            Supplier<Generation> generation,
            Reloads reloads,
            BooleanSupplier draining) {
        var checks = new ArrayList<HealthCheck>();
        checks.add(new HealthCheck("audit", () -> ofAudit(audit)));
        checks.add(new HealthCheck("sessions", () -> ofStore(store)));
        checks.add(new HealthCheck("gateway", () -> ofGateway(gateway)));
        if (generation.get().provider() != null) {
            checks.add(
                    new HealthCheck(
                            "identity-provider",
                            () -> ofProvider(generation.get().provider(), store)));
        }
        checks.add(new HealthCheck("token-issuers", () -> ofTokens(generation.get().tokens())));
        checks.add(
                new HealthCheck(
                        "client-certificates",
                        () -> ofCertificates(generation.get().certificates())));
        checks.add(new HealthCheck("configuration", () -> ofConfiguration(reloads)));
        checks.add(new HealthCheck("listener", () -> ofListener(draining)));
        return List.copyOf(checks);
    }

    /** The old one still serves: no reason to send traffic elsewhere, and one to look. */
    private static Health ofConfiguration(Reloads reloads) {
        return reloads.trouble()
                .<Health>map(why -> new Health.Troubled("a reload was refused: " + why))
                .orElse(Health.UP);
    }

    private static Health ofListener(BooleanSupplier draining) {
        return draining.getAsBoolean()
                ? new Health.Down("stopping: takes no new connections")
                : Health.UP;
    }

    private static Health ofAudit(AuditFile audit) {
        return audit.healthy() ? Health.UP : new Health.Down("the audit file cannot be written");
    }

    private static Health ofStore(OpenStore store) {
        return store.trouble().<Health>map(Health.Down::new).orElse(Health.UP);
    }

    private static Health ofGateway(GatewayHealth gateway) {
        var status = gateway.status();
        return status.up() ? Health.UP : new Health.Down(status.line());
    }

    /**
     * Without it nobody new gets in, but whoever is signed in goes on, and no other door would do
     * better. Only where nobody is, such as at a first start with a wrong issuer, there is nothing
     * to send traffic for.
     */
    private static Health ofProvider(@Nullable Provider provider, OpenStore store) {
        if (provider == null) {
            return Health.UP; // Nobody signs in.
        }
        var status = provider.status();
        if (status.available()) {
            return Health.UP;
        }
        return store.sessionCount() == 0
                ? new Health.Down(status.line())
                : new Health.Troubled(status.line());
    }

    /** Where certificates are optional, everybody without one is served all the same. */
    private static Health ofCertificates(ClientCertificates certificates) {
        return certificates
                .trouble()
                .<Health>map(why ->
                        certificates.required() ? new Health.Down(why) : new Health.Troubled(why))
                .orElse(Health.UP);
    }

    /** One issuer that is away is no reason to shut out everybody else. */
    private static Health ofTokens(TokenIssuers tokens) {
        return tokens.trouble().<Health>map(Health.Troubled::new).orElse(Health.UP);
    }
}
