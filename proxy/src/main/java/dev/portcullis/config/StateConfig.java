package dev.portcullis.config;

import java.nio.file.Path;

/**
 * Where state is kept across restarts.
 *
 * @param directory ours alone
 * @param keys the file of the keys that seal what is kept
 */
public record StateConfig(Path directory, Path keys) {
    static final Path SYSTEM = Path.of("/var/lib/portcullis");

    /** Where commands talk to the running sidecar. */
    public Path controlSocket() {
        return directory.resolve("control.sock");
    }

    static StateConfig parse(ConfigNode node) {
        var otherwise = "/var/lib/portcullis, or for a plain user ~/.local/state/portcullis";
        var folder = Folder.writable(node.source());
        var directory = node.valueIfPresent("directory", folder, otherwise);
        node.notInThisRelease("redis");
        var env = node.source().env();
        var at = directory == null ? Folder.fallback(SYSTEM, "portcullis", env) : directory;
        var keys =
                node.valueIfPresent(
                        "keys",
                        Folder.readableFile(node.source()),
                        "keys in state.directory, made at the first start");
        return new StateConfig(at, keys == null ? at.resolve("keys") : keys);
    }
}
