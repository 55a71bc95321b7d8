package dev.portcullis.config;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Where state is kept across restarts.
 *
 * @param directory ours alone
 * @param keys the file of the keys that seal what is kept
 * @param redis what a fleet shares instead of a file each; null for a file
 */
public record StateConfig(Path directory, Path keys, @Nullable RedisConfig redis) {
    static final Path SYSTEM = Path.of("/var/lib/portcullis");

    /** Where commands talk to the running sidecar. */
    public Path controlSocket() {
        return directory.resolve("control.sock");
    }

    static StateConfig parse(ConfigNode node) {
        var otherwise = "/var/lib/portcullis, or for a plain user ~/.local/state/portcullis";
        var folder = Folder.writable(node.source());
        var directory = node.valueIfPresent("directory", folder, otherwise);
        var env = node.source().env();
        var at = directory == null ? Folder.fallback(SYSTEM, "portcullis", env) : directory;
        var keys =
                node.valueIfPresent(
                        "keys",
                        Folder.readableFile(node.source()),
                        "keys in state.directory, made at the first start");
        var redis = RedisConfig.parse(node);
        if (redis != null && keys == null && node.has("redis")) {
            node.problem("keys", "no key", "a file that every sidecar of the fleet has");
        }
        return new StateConfig(at, keys == null ? at.resolve("keys") : keys, redis);
    }
}
