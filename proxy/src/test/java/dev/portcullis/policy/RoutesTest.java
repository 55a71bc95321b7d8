package dev.portcullis.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.portcullis.access.Role;
import dev.portcullis.http.Target;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutesTest {
    private final Routes routes = new Routes("/");
    private final Routes below = new Routes("/openclaw");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/j",
                "/J/AAAAAAAAAAAAAAAAAAAAAA",
                "/__OPENCLAW__/worker",
                "/__openclaw__/Worker-bundle/x",
                "/API/nodes/Watch/x",
                "/__OpenClaw__/cap/x/J/y",
                "/OpenClaw/API/nodes/watch/x",
                "/j/",
                "/j/AAAAAAAAAAAAAAAAAAAAAA",
                "/share/j",
                "/share/j/AAAAAAAAAAAAAAAAAAAAAA",
                "/a/b/c/j/x",
                "/openclaw/j/x",
                "/__openclaw__/cap/x/j",
                "/__openclaw__/worker",
                "/__openclaw__/worker/",
                "/__openclaw__/worker-bundle/x",
                "/__openclaw__/worker-transfer/x",
                "/__openclaw__/worker-bootstrap/x",
                "/__openclaw__/cap/x/__openclaw__/worker",
                "/openclaw/__openclaw__/worker",
                "/openclaw/__openclaw__/cap/x/__openclaw__/worker",
                "/api/nodes/watch",
                "/api/nodes/watch/x",
                "/openclaw/api/nodes/watch/x",
                "/__openclaw__/cap/x/api/nodes/watch/x",
                "/__openclaw__/cap/x/openclaw/api/nodes/watch/x",
                "/__openclaw__/cap/x/__openclaw__/cap/y/tools/invoke",
                "/__openclaw__/cap/x/__openclaw__/cap/",
                "/openclaw/__openclaw__/cap/x/__openclaw__/cap/y/"
            })
    void machineRoutes_areClosedToEveryPerson(String path) {
        for (var role : Role.values()) {
            assertThat(below.permit(new Target(path, null), role)).as(role.name()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/v1/admin/rpc",
                "/API/V1/Admin/RPC",
                "/OPENCLAW/__openclaw__/CAP/x/Api/v1/admin/rpc",
                "/api/v1/admin",
                "/api/v1/admin/rpc/",
                "/__openclaw__/cap/x/api/v1/admin/rpc",
                "/openclaw/api/v1/admin/rpc",
                "/openclaw/__openclaw__/cap/x/api/v1/admin/rpc",
                "/__openclaw__/cap/x/openclaw/api/v1/admin/rpc"
            })
    void administration_isForAdminsOnly(String path) {
        assertThat(below.permit(new Target(path, null), Role.VIEWER)).isFalse();
        assertThat(below.permit(new Target(path, null), Role.OPERATOR)).isFalse();
        assertThat(below.permit(new Target(path, null), Role.ADMIN)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/desktop/observe",
                "/Desktop/Observe",
                "/node-desktop/attach",
                "/node-portal/attach",
                "/browser/extension",
                "/browser/screencast",
                "/desktop/observe/x",
                "/__openclaw__/cap/x/desktop/observe",
                "/openclaw/desktop/observe"
            })
    void desktopSockets_areNotForViewers(String path) {
        assertThat(below.permit(new Target(path, null), Role.VIEWER)).isFalse();
        assertThat(below.permit(new Target(path, null), Role.OPERATOR)).isTrue();
        assertThat(below.permit(new Target(path, null), Role.ADMIN)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/openclaw",
                "/openclaw/",
                "/foo",
                "/jj",
                "/join/j1",
                "/chat/j-1",
                "/assets/index-j.js",
                "/api/nodes",
                "/api/nodes/watcher",
                "/api/v1/administrators",
                "/tools/invoke",
                "/__openclaw__/cap/x/tools/invoke",
                "/__openclaw__/cap/x",
                "/__openclaw__/cap/x/",
                "/__openclaw__/canvas/documents/1",
                "/__openclaw__/a2ui/1",
                "/v1/models",
                "/v1/realtime",
                "/readyz",
                "/startupz",
                "/ready",
                "/startup",
                "/share/session",
                "/hooks/x",
                "/oauth/mcp/callback",
                "/desktop/observers"
            })
    void everythingElse_isForEveryRole(String path) {
        assertThat(routes.permit(new Target(path, null), Role.VIEWER)).isTrue();
        assertThat(below.permit(new Target(path, null), Role.VIEWER)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"/, /control-ui-config.json", "/openclaw, /openclaw/control-ui-config.json"})
    void signInTest_standsBelowTheBasePath(String basePath, String expected) {
        assertThat(new Routes(basePath).signInTest()).isEqualTo(expected);
    }
}
