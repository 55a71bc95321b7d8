package dev.portcullis.policy;

import dev.portcullis.http.Method;
import dev.portcullis.http.RequestHead;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Which of the Gateway's paths a machine may reach: those that a node host uses, each spelled in
 * full, and nothing else. No prefix that the Gateway would cut off is cut off here, so none is let
 * through.
 *
 * <table>
 *   <caption>Rules</caption>
 *   <tr><th>path</th><th>how</th><th>why</th></tr>
 *   <tr><td>{@code /j/} and 22 characters</td><td>GET, HEAD</td><td>redeems a single-use join
 *       code</td></tr>
 *   <tr><td>{@code /}, the base path</td><td>WebSocket</td><td>the Gateway's own protocol, as a
 *       node: without a person's name it takes nobody as an operator</td></tr>
 *   <tr><td>{@code /__openclaw__/worker}</td><td>WebSocket</td><td>workers</td></tr>
 *   <tr><td>{@code /__openclaw__/worker-bundle/}, {@code worker-transfer/}, {@code
 *       worker-bootstrap/} and {@code /api/nodes/watch/} with what follows</td><td>HTTP</td><td>their
 *       transfers</td></tr>
 * </table>
 */
final class MachineRoutes {
    private static final Pattern JOIN = Pattern.compile("/j/[A-Za-z0-9_-]{22}");
    private static final String WORKER = "/__openclaw__/worker";

    private static final List<String> TRANSFERS =
            List.of(
                    WORKER + "-bundle/",
                    WORKER + "-transfer/",
                    WORKER + "-bootstrap/",
                    "/api/nodes/watch/");

    private final String basePath;

    /**
     * @param basePath {@code /}, or {@code /name}
     */
    MachineRoutes(String basePath) {
        this.basePath = basePath;
    }

    /** Whether a machine may send that request. */
    boolean permit(RequestHead head) {
        var path = head.target().path();
        return head.isWebSocket() ? isSocket(path) : isTransfer(head.method(), path);
    }

    private boolean isSocket(String path) {
        return path.equals("/")
                || path.equals(basePath)
                || path.equals(basePath + "/")
                || path.equals(WORKER);
    }

    private static boolean isTransfer(Method method, String path) {
        if (JOIN.matcher(path).matches()) {
            return method == Method.GET || method == Method.HEAD;
        }
        return TRANSFERS.stream()
                .anyMatch(prefix ->
                        path.startsWith(prefix)
                                && path.length() > prefix.length()
                                && !isJoinAnywhere(path));
    }

    /** The Gateway redeems a join code at any depth. */
    private static boolean isJoinAnywhere(String path) {
        return path.endsWith("/j") || path.contains("/j/");
    }
}
