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
        var directory = node.valueIfPresent("directory", Folder.writable(node.source()));
        node.notInThisRelease("redis");
        var env = node.source().env();
        return new StateConfig(
                directory == null ? Folder.fallback(SYSTEM, "portcullis", env) : directory);
    }
}
