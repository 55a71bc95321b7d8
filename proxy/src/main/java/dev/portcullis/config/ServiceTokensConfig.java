package dev.portcullis.config;

/**
 * Machines that come with a service token.
 *
 * @param nodeRoutes whether the routes of node hosts are open to them; closed, no service token
 *     proves anything
 */
public record ServiceTokensConfig(boolean nodeRoutes) {
    static ServiceTokensConfig parse(ConfigNode node) {
        return new ServiceTokensConfig(node.value("node-routes", Syntax.flag(), "false"));
    }
}
