package dev.portcullis.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.audit.Reason;
import dev.portcullis.config.PublicOrigin;
import dev.portcullis.http.RequestHead;
import dev.portcullis.identity.Authentication.Authenticated;
import dev.portcullis.identity.Principal.Means;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A machine reaches the node routes, spelled in full, and nothing else; nobody is named. */
class MachineRoutesTest {
    private static final String CODE = "AbCdEfGhIjKlMnOpQrSt-_";
    private final Policy policy =
            new Policy(
                    new AllowList(List.of()), new PublicOrigin("claw.example.com", 443), "/claw");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/control-ui-config.json",
                "/tools/invoke",
                "/v1/models",
                "/api/v1/admin/rpc",
                "/sessions/x/history",
                "/readyz",
                "/j",
                "/j/",
                "/j/short",
                "/j/" + CODE + "x",
                "/j/" + CODE + "/",
                "/J/" + CODE,
                "/claw/j/" + CODE,
                "/share/j/" + CODE,
                "/__openclaw__/cap/x/j/" + CODE,
                "/__openclaw__/worker",
                "/__openclaw__/worker-bundle",
                "/__openclaw__/worker-bundle/",
                "/__openclaw__/worker-bundlex/y",
                "/__openclaw__/worker-other/y",
                "/__openclaw__/worker-bundle/j/" + CODE,
                "/__openclaw__/worker-bundle/j",
                "/__openclaw__/cap/x/__openclaw__/worker-bundle/y",
                "/claw/__openclaw__/worker-bundle/y",
                "/api/nodes/watch",
                "/api/nodes/watchx/y",
                "/api/nodes",
            })
    void anyOtherPath_gets403(String path) {
        assertRefused(Requests.http("GET", path, ""));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/x",
                "/clawx",
                "/claw/x",
                "/j/" + CODE,
                "/desktop/observe",
                "/node-desktop/attach",
                "/browser/extension",
                "/__openclaw__/worker/",
                "/__openclaw__/worker-bundle/y",
                "/__openclaw__/cap/x/",
                "/__openclaw__/cap/x/__openclaw__/worker",
            })
    void anyOtherSocket_gets403(String path) {
        assertRefused(Requests.webSocket(path, ""));
    }

    @Test
    void joinCodeByAnotherMethod_gets403() {
        assertRefused(Requests.http("POST", "/j/" + CODE, ""));
        assertRefused(Requests.http("DELETE", "/j/" + CODE, ""));
    }

    @Test
    void browserBehindAMachinesToken_gets403() {
        assertThat(decide(Requests.webSocket("/", "origin: https://evil.example")))
                .isEqualTo(
                        new Decision.Deny(403, Reason.ORIGIN_NOT_ALLOWED, machine().principal()));
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /j/" + CODE,
        "HEAD, /j/" + CODE,
        "GET, /__openclaw__/worker-bundle/a",
        "PUT, /__openclaw__/worker-transfer/a/b",
        "POST, /__openclaw__/worker-bootstrap/a",
        "POST, /api/nodes/watch/a",
    })
    void nodeRoute_passesAsNobodyWithNoScopes(String method, String path) {
        assertPasses(Requests.http(method, path, ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/claw", "/claw/", "/__openclaw__/worker"})
    void nodeSocket_passesAsNobodyWithNoScopes(String path) {
        assertPasses(Requests.webSocket(path, ""));
    }

    private void assertPasses(RequestHead head) {
        assertThat(decide(head))
                .isInstanceOfSatisfying(
                        Decision.Allow.class,
                        allow -> {
                            assertThat(allow.permit().userAtGateway()).isNull();
                            assertThat(allow.permit().scopesAtGateway()).isEmpty();
                            assertThat(allow.permit().roleName()).isEqualTo("machine");
                        });
    }

    private void assertRefused(RequestHead head) {
        assertThat(decide(head))
                .isEqualTo(new Decision.Deny(403, Reason.ROUTE_NOT_ALLOWED, machine().principal()));
    }

    private Decision decide(RequestHead head) {
        return policy.decide(head, machine(), Instant.EPOCH);
    }

    private static Authenticated machine() {
        return new Authenticated(Requests.principal("service-token:build", Means.SERVICE_TOKEN));
    }
}
