package dev.portcullis.config;

import java.nio.file.Path;

/**
 * Where state is kept across restarts.
 *
 * @param directory ours alone
 */
public record StateConfig(Path directory) {
    static final Path SYSTEM = Path.of("/var/lib/portcullis");

    static StateConfig parse(ConfigNode node) {
        var otherwise = "/var/lib/portcullis, or for a plain user ~/.local/state/portcullis";
        var folder = Folder.writable(node.source());
        var directory = node.valueIfPresent("directory", folder, otherwise);
        node.notInThisRelease("redis");
        var env = node.source().env();
        return new StateConfig(
                directory == null ? Folder.fallback(SYSTEM, "portcullis", env) : directory);
    }
}
