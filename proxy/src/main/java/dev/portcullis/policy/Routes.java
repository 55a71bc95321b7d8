package dev.portcullis.policy;

import dev.portcullis.access.Role;
import dev.portcullis.http.Target;
import java.util.List;
import java.util.Locale;

/**
 * Which of the Gateway's paths a signed-in person may reach. Everything, but for this table; the
 * Gateway judges the rest by the scopes that are written for the role. Paths are compared as text
 * (a target has no encoded letters, dot segments or second spellings), whatever their case: the
 * Gateway tells its own routes apart by it, the router of its plugins does not. And again without
 * the capability prefix that the Gateway cuts off, and again below the base path.
 *
 * <table>
 *   <caption>Rules</caption>
 *   <tr><th>path</th><th>who</th><th>why</th></tr>
 *   <tr><td>a segment {@code j} anywhere</td><td>nobody</td><td>node join: machines, single-use
 *       codes, matched by the Gateway at any depth</td></tr>
 *   <tr><td>{@code /__openclaw__/worker…}, upgrades included</td><td>nobody</td><td>workers and
 *       their transfers: machines, and 101 without any identity</td></tr>
 *   <tr><td>{@code /api/nodes/watch…}</td><td>nobody</td><td>machines</td></tr>
 *   <tr><td>{@code /__openclaw__/cap/x/__openclaw__/cap/…}</td><td>nobody</td><td>the Gateway cuts
 *       one prefix; whoever sends two hopes that we count otherwise</td></tr>
 *   <tr><td>{@code /api/v1/admin…}</td><td>admin</td><td>configuration, devices, restart</td></tr>
 *   <tr><td>{@code /desktop/observe}, {@code /node-desktop/attach}, {@code /node-portal/attach},
 *       {@code /browser/extension}, {@code /browser/screencast}</td><td>operator, admin</td>
 *       <td>sockets that carry a desktop, a portal or a browser, with input: the Gateway asks them
 *       for a ticket of their own and never looks at scopes</td></tr>
 *   <tr><td>{@code /tools/invoke}, {@code /v1…}</td><td>everyone</td><td>the Gateway refuses by
 *       scope, and says so in its own words</td></tr>
 *   <tr><td>{@code /share…}, {@code /hooks…}, {@code /readyz}, every other path and
 *       socket</td><td>everyone signed in</td><td>nothing is published to anybody else</td></tr>
 * </table>
 */
final class Routes {
    private static final String CAPABILITY = "/__openclaw__/cap/";

    private static final List<String> DESKTOP_SOCKETS =
            List.of(
                    "/desktop/observe",
                    "/node-desktop/attach",
                    "/node-portal/attach",
                    "/browser/extension",
                    "/browser/screencast");

    private final String basePath;
    private final String basePathInLower;

    /**
     * @param basePath {@code /}, or {@code /name}
     */
    Routes(String basePath) {
        this.basePath = basePath.equals("/") ? "" : basePath;
        this.basePathInLower = this.basePath.toLowerCase(Locale.ROOT);
    }

    /** Whether a person of that role may send a request to that target. */
    boolean permit(Target target, Role role) {
        var path = target.path().toLowerCase(Locale.ROOT); // The same object where it is already.
        return permits(path, role) && permits(withoutBase(path), role);
    }

    /** Where the Gateway's UI asks whether it is signed in. */
    String signInTest() {
        return basePath + "/control-ui-config.json";
    }

    private boolean permits(String path, Role role) {
        var rest = withoutCapability(path);
        return !rest.startsWith(CAPABILITY)
                && isOpen(rest, role)
                && isOpen(withoutBase(rest), role);
    }

    private static boolean isOpen(String path, Role role) {
        return !isForMachines(path) && isOpenTo(path, role);
    }

    private static boolean isForMachines(String path) {
        return hasSegment(path, "j")
                || path.startsWith("/__openclaw__/worker")
                || isAtOrBelow(path, "/api/nodes/watch");
    }

    private static boolean isOpenTo(String path, Role role) {
        if (isAtOrBelow(path, "/api/v1/admin")) {
            return role == Role.ADMIN;
        }
        for (var socket : DESKTOP_SOCKETS) {
            if (isAtOrBelow(path, socket)) {
                return role != Role.VIEWER;
            }
        }
        return true;
    }

    private String withoutBase(String path) {
        return !basePathInLower.isEmpty() && isAtOrBelow(path, basePathInLower)
                ? path.substring(basePathInLower.length())
                : path;
    }

    /** {@code /__openclaw__/cap/<x>/rest} is {@code /rest} to the Gateway, once. */
    private static String withoutCapability(String path) {
        if (!path.startsWith(CAPABILITY)) {
            return path;
        }
        int end = path.indexOf('/', CAPABILITY.length());
        return end < 0 ? "/" : path.substring(end);
    }

    private static boolean isAtOrBelow(String path, String prefix) {
        return path.startsWith(prefix)
                && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
    }

    private static boolean hasSegment(String path, String segment) {
        return path.endsWith('/' + segment) || path.contains('/' + segment + '/');
    }
}
