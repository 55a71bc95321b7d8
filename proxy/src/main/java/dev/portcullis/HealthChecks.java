package dev.portcullis;

import dev.portcullis.admin.HealthCheck;
import dev.portcullis.admin.HealthCheck.Health;
import dev.portcullis.audit.AuditFile;
import dev.portcullis.identity.TokenIssuers;
import dev.portcullis.login.Provider;
import dev.portcullis.state.OpenStore;
import dev.portcullis.upstream.GatewayHealth;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** What readiness consists of. */
final class HealthChecks {
    private HealthChecks() {}

    static List<HealthCheck> of(
            AuditFile audit,
            OpenStore store,
            GatewayHealth gateway,
            @Nullable Provider provider,
            TokenIssuers tokens,
            BooleanSupplier draining) {
        var checks = new ArrayList<HealthCheck>();
        checks.add(new HealthCheck("audit", () -> ofAudit(audit)));
        checks.add(new HealthCheck("sessions", () -> ofStore(store)));
        checks.add(new HealthCheck("gateway", () -> ofGateway(gateway)));
        if (provider != null) {
            checks.add(new HealthCheck("identity-provider", () -> ofProvider(provider)));
        }
        checks.add(new HealthCheck("token-issuers", () -> ofTokens(tokens)));
        checks.add(new HealthCheck("listener", () -> ofListener(draining)));
        return List.copyOf(checks);
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

    private static Health ofProvider(Provider provider) {
        var status = provider.status();
        return status.available() ? Health.UP : new Health.Down(status.line());
    }

    private static Health ofTokens(TokenIssuers tokens) {
        return tokens.trouble().<Health>map(Health.Down::new).orElse(Health.UP);
    }
}
